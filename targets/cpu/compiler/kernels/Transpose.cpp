//===- Transpose.cpp - A permutation of the axes --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/Map.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static void emitTranspose(StepEmitter &step) {
  auto transpose = cast<TransposeOp>(step.root);
  BufferedTensor input = step.operand(transpose.getInput());
  BufferView from = getView(input.tensor.type, Layout());
  BufferView to = step.result.view();
  MapAccess in{input.buffer, {}, 0};
  for (int64_t d : transpose.getPermutation())
    in.strides.push_back(from.strides[d]);
  emitMapCopy(step.k, to.sizes, toAccess(step.result.buffer, to), in);
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createTranspose() {
  return std::make_unique<OpKernel<TransposeOp>>("transpose", emitTranspose);
}
