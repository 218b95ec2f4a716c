//===- ConvertLayout.cpp - Copies from any layout to any other ------------===//
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

namespace {

/// Dimensions N, C / big, big / small, small, H, W of a buffer whose block is
/// one of the two: a common loop nest for both layouts.
struct SplitChannels {
  int64_t big, small;

  MapAccess access(const BufferedTensor &tensor) const {
    BufferView view = tensor.view();
    ArrayRef<int64_t> s = view.strides;
    if (tensor.tensor.layout.block == big)
      return {tensor.buffer, {s[0], s[1], small, 1, s[2], s[3]}, view.origin};
    int64_t lane = small == 1 ? s[1] : 1;
    return {tensor.buffer,
            {s[0], s[1] * (big / small), s[1], lane, s[2], s[3]},
            view.origin};
  }
};

/// The loop nest with H and W outside the lanes, which are contiguous in the
/// blocked buffer.
void copySplit(KernelBuilder &k, ArrayRef<int64_t> sizes, MapAccess out,
               MapAccess in) {
  constexpr int order[] = {0, 1, 4, 5, 2, 3};
  auto reorder = [&](ArrayRef<int64_t> values) {
    SmallVector<int64_t, 6> result;
    for (int d : order)
      result.push_back(values[d]);
    return result;
  };
  out.strides = reorder(out.strides);
  in.strides = reorder(in.strides);
  emitMapCopy(k, reorder(sizes), out, in);
}

/// Zero in the lanes past the last channel.
void fillUnusedLanes(StepEmitter &step) {
  const TensorLayout &result = step.result.tensor;
  auto shape = result.type.getShape();
  int64_t block = result.layout.block, used = shape[1] % block;
  if (used == 0)
    return;
  BufferView view = step.result.view();
  MapAccess out = shifted(toAccess(step.result.buffer, view),
                          {0, shape[1] / block, 0, 0, used});
  emitMapFill(step.k, {shape[0], 1, shape[2], shape[3], block - used}, out, 0);
}

/// Copies between two channel blocks.
void copyBlocks(StepEmitter &step, const BufferedTensor &input) {
  int64_t inBlock = input.tensor.layout.block;
  int64_t outBlock = step.result.tensor.layout.block;
  SplitChannels split{std::max(inBlock, outBlock), std::min(inBlock, outBlock)};
  MapAccess in = split.access(input), out = split.access(step.result);
  auto s = step.result.tensor.type.getShape();
  int64_t full = s[1] / split.big, rest = s[1] % split.big;
  int64_t parts = rest / split.small, lanes = rest % split.small;
  KernelBuilder &k = step.k;
  copySplit(k, {s[0], full, split.big / split.small, split.small, s[2], s[3]},
            out, in);
  copySplit(k, {s[0], 1, parts, split.small, s[2], s[3]},
            shifted(out, {0, full}), shifted(in, {0, full}));
  copySplit(k, {s[0], 1, 1, lanes, s[2], s[3]}, shifted(out, {0, full, parts}),
            shifted(in, {0, full, parts}));
  fillUnusedLanes(step);
}

void emitConvertLayout(StepEmitter &step) {
  BufferedTensor input = step.operand(step.root->getOperand(0));
  if (input.tensor.layout.block != step.result.tensor.layout.block)
    return copyBlocks(step, input);
  BufferView to = step.result.view();
  emitMapCopy(step.k, to.sizes, toAccess(step.result.buffer, to),
              toAccess(input.buffer, input.view()));
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createConvertLayout() {
  return std::make_unique<OpKernel<ConvertLayoutOp>>("convert_layout",
                                                     emitConvertLayout);
}
