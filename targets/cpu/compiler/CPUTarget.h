//===- CPUTarget.h - The CPU target's registration ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_CPUTARGET_H
#define LCP_TARGETS_CPU_COMPILER_CPUTARGET_H

#include "lcp/Target/Target.h"

namespace mlir::lcp::cpu {
/// Adds one target for every CPU device (host, x86-64-v3, aws-t2.micro, rpi3,
/// rpi4), and makes the passes behind them known to lcp-opt.
void registerTargets(TargetRegistry &registry);
} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_CPUTARGET_H
