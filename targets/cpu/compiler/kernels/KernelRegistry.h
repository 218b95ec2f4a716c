//===- KernelRegistry.h - What makes each kernel ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELREGISTRY_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELREGISTRY_H

#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

/// One function a file of this folder that has a kernel: KernelList.def.
#define LCP_CPU_KERNEL(name) std::unique_ptr<Kernel> create##name();
#include "targets/cpu/compiler/kernels/KernelList.def"

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELREGISTRY_H
