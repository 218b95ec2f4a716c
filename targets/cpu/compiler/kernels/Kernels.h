//===- Kernels.h - What makes each kernel --------------------- -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELS_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELS_H

#include "targets/cpu/compiler/kernels/StepKernel.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

#define LCP_CPU_KERNEL(name) std::unique_ptr<Kernel> create##name();
#include "targets/cpu/compiler/kernels/Kernels.def"

/// A kernel that computes every step whose first op is one of `Ops`, in one way
/// only.
template <typename... Ops> class OpKernel : public Kernel {
public:
  OpKernel(StringRef name, void (*emitter)(StepKernel &))
      : name(name), emitter(emitter) {}

  StringRef getName() const override { return name; }
  bool appliesTo(func::FuncOp step) const override {
    return isa<Ops...>(getRoot(step));
  }
  void emit(StepKernel &step) const override { emitter(step); }

private:
  StringRef name;
  void (*emitter)(StepKernel &);
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELS_H
