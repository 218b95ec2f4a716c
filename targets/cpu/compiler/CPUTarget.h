//===- CPUTarget.h - The CPU target's registration --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_CPUTARGET_H
#define LCP_TARGETS_CPU_COMPILER_CPUTARGET_H

#include "lcp/Target/Target.h"

namespace mlir::lcp::cpu {
/// Adds a target for every device file of kind cpu, and makes the passes behind
/// them known to lcp-opt.
void registerTargets(TargetRegistry &registry);
} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_CPUTARGET_H
