//===- Slice.cpp - A range of positions along an axis ---------------------===//
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

static void emitSlice(StepEmitter &step) {
  auto slice = cast<SliceOp>(step.root);
  BufferedTensor input = step.operand(slice.getInput());
  int64_t block = step.result.tensor.layout.block;
  if (block == 1 && input.tensor.layout.block > 1)
    input.tensor.layout = Layout();
  BufferView from = input.view(), to = step.result.view();
  MapAccess in = toAccess(input.buffer, from);
  in.origin += slice.getBegin() / block * from.strides[slice.getAxis()];
  emitMapCopy(step.k, to.sizes, toAccess(step.result.buffer, to), in);
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createSlice() {
  return std::make_unique<OpKernel<SliceOp>>("slice", emitSlice);
}
