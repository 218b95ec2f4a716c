//===- KernelRegistry.cpp - Every kernel there is -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

ArrayRef<std::unique_ptr<Kernel>> mlir::lcp::cpu::getKernels() {
  static const std::unique_ptr<Kernel> kernels[] = {
#define LCP_CPU_KERNEL(name) create##name(),
#include "targets/cpu/compiler/kernels/KernelList.def"
  };
  return kernels;
}
