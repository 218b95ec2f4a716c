//===- ShapeKernels.cpp - Copies: layouts, concat, slice, reordering, pad -===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/Map.h"
#include "targets/cpu/compiler/graph/OpTraits.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

MapAccess toAccess(Value buffer, const BufferView &view) {
  return {buffer, view.strides, view.origin};
}

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

/// Moves an access on by positions.
MapAccess shifted(MapAccess access, ArrayRef<int64_t> positions) {
  for (auto [position, stride] : llvm::zip(positions, access.strides))
    access.origin += position * stride;
  return access;
}

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
void fillUnusedLanes(StepKernel &step) {
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
void copyBlocks(StepKernel &step, const BufferedTensor &input) {
  if (emitBlockCopy(step, input))
    return;
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

} // namespace

void mlir::lcp::cpu::emitCopy(StepKernel &step) {
  BufferedTensor input = step.operand(step.root->getOperand(0));
  if (input.tensor.layout.block != step.result.tensor.layout.block)
    return copyBlocks(step, input);
  BufferView to = step.result.view();
  emitMapCopy(step.k, to.sizes, toAccess(step.result.buffer, to),
              toAccess(input.buffer, input.view()));
}

void mlir::lcp::cpu::emitConcat(StepKernel &step) {
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

void mlir::lcp::cpu::emitSlice(StepKernel &step) {
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

void mlir::lcp::cpu::emitTranspose(StepKernel &step) {
  auto transpose = cast<TransposeOp>(step.root);
  BufferedTensor input = step.operand(transpose.getInput());
  BufferView from = getView(input.tensor.type, Layout());
  BufferView to = step.result.view();
  MapAccess in{input.buffer, {}, 0};
  for (int64_t d : transpose.getPermutation())
    in.strides.push_back(from.strides[d]);
  emitMapCopy(step.k, to.sizes, toAccess(step.result.buffer, to), in);
}

/// A transpose of (groups, channels of a group), both row-major.
void mlir::lcp::cpu::emitChannelShuffle(StepKernel &step) {
  auto shuffle = cast<ChannelShuffleOp>(step.root);
  BufferedTensor input = step.operand(shuffle.getInput());
  ArrayRef<int64_t> shape = input.tensor.type.getShape();
  int64_t groups = shuffle.getGroups(), each = shape[1] / groups, inner = 1;
  for (int64_t size : shape.drop_front(2))
    inner *= size;
  int64_t image = shape[1] * inner;
  MapAccess in{input.buffer, {image, inner, each * inner, 1}, 0};
  MapAccess out{step.result.buffer, {image, groups * inner, inner, 1}, 0};
  emitMapCopy(step.k, {shape[0], each, groups, inner}, out, in);
}

void mlir::lcp::cpu::emitPad(StepKernel &step) {
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
