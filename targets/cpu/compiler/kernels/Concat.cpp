//===- Concat.cpp - Concatenation along an axis ---------------------------===//
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

static void emitConcat(StepEmitter &step) {
  auto concat = cast<ConcatOp>(step.root);
  int64_t axis = concat.getAxis(), block = step.result.tensor.layout.block;
  BufferView view = step.result.view();
  int64_t position = 0;
  for (Value value : concat.getInputs()) {
    BufferedTensor input = step.operand(value);
    // A row-major operand of a plain concat may carry a block of its own.
    if (block == 1 && input.tensor.layout.block > 1)
      input.tensor.layout = Layout();
    BufferView from = input.view();
    MapAccess out = toAccess(step.result.buffer, view);
    out.origin += position / block * view.strides[axis];
    emitMapCopy(step.k, from.sizes, out, toAccess(input.buffer, from));
    position += input.tensor.type.getDimSize(axis);
  }
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createConcat() {
  return std::make_unique<OpKernel<ConcatOp>>("concat", emitConcat);
}
