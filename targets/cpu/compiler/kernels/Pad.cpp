//===- Pad.cpp - A border of one value ------------------------------------===//
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

static void emitPad(StepEmitter &step) {
  auto pad = cast<PadOp>(step.root);
  BufferedTensor input = step.operand(pad.getInput());
  BufferView from = getView(input.tensor.type, Layout());
  BufferView to = step.result.view();
  double value = pad.getValue().convertToFloat();
  MapAccess out = toAccess(step.result.buffer, to);
  // Border of dimension d over the inside of those before it and all of those
  // behind it: every position once.
  SmallVector<int64_t, 6> sizes = to.sizes, start(to.sizes.size(), 0);
  for (size_t d = 0; d < sizes.size(); ++d) {
    int64_t low = pad.getLow()[d], high = pad.getHigh()[d];
    auto fill = [&](int64_t from, int64_t count) {
      auto part = sizes, at = start;
      part[d] = count;
      at[d] = from;
      emitMapFill(step.k, part, shifted(out, at), value);
    };
    fill(0, low);
    fill(to.sizes[d] - high, high);
    sizes[d] -= low + high;
    start[d] = low;
  }
  emitMapCopy(step.k, sizes, shifted(out, start), toAccess(input.buffer, from));
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createPad() {
  return std::make_unique<OpKernel<PadOp>>("pad", emitPad);
}
