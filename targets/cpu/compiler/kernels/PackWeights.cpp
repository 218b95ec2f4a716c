//===- PackWeights.cpp - Constants in the order in which kernels read them ===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/object/Program.h"
#include "targets/cpu/compiler/schedule/Schedule.h"
#include "targets/cpu/compiler/dialect/Step.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

constexpr size_t kAlignment = 64;
/// Vectors may be loaded whole past the last value.
constexpr size_t kSlack = 64;

/// Packs values of type T; `out` starts as zeros.
template <typename T> struct Packer {
  func::FuncOp step;
  unsigned argument;
  VectorUnit unit;
  ArrayRef<T> in;
  std::vector<T> out;

  void run() {
    Operation *root = getRoot(step);
    bool isRootOperand = false;
    for (OpOperand &use : step.getArgument(argument).getUses())
      isRootOperand |= use.getOwner() == root;
    if (auto conv = dyn_cast<Conv2DOp>(root); conv && isRootOperand)
      return packConvOperand(conv);
    if (auto dense = dyn_cast<DenseOp>(root); dense && isRootOperand)
      return packDenseOperand(dense);
    packLayout();
  }

  void packConvOperand(Conv2DOp conv) {
    if (step.getArgument(argument) != conv.getWeight())
      return packVector();
    ConvShape shape(conv);
    int64_t block = getResult(step).layout.block;
    if (block == 1)
      packRowConv(shape, chooseRowTile(shape, unit));
    else if (isDepthwise(conv))
      packDepthwise(shape, block);
    else
      packBlockConv(shape, block, chooseBlockTile(shape, block, unit));
  }

  /// A value a channel.
  void packVector() {
    out.assign(llvm::alignTo(in.size(), 16), T());
    std::copy(in.begin(), in.end(), out.begin());
  }

  /// [group][tile of blocks][input block][ky][kx][lane in][block][lane out]
  void packBlockConv(const ConvShape &s, int64_t lanes, const BlockTile &tile) {
    auto input = cast<BlockArgument>(cast<Conv2DOp>(getRoot(step)).getInput());
    int64_t inBlock = getArgument(step, input.getArgNumber()).layout.block;
    int64_t inBlocks = llvm::divideCeil(s.inputs, inBlock);
    int64_t blocks = llvm::divideCeil(s.outputs, lanes);
    int64_t taps = s.kernelHeight * s.kernelWidth;
    out.assign(s.groups * blocks * inBlocks * inBlock * taps * lanes, T());
    T *to = out.data();
    for (int64_t g = 0; g < s.groups; ++g)
      for (int64_t first = 0; first < blocks; first += tile.blocks) {
        int64_t count = std::min(tile.blocks, blocks - first) * lanes;
        for (int64_t ib = 0; ib < inBlocks; ++ib)
          for (int64_t tap = 0; tap < taps; ++tap)
            for (int64_t l = 0; l < inBlock; ++l, to += count) {
              int64_t i = ib * inBlock + l;
              int64_t o = first * lanes;
              if (i >= s.inputs)
                continue;
              int64_t used = std::min(count, s.outputs - o);
              const T *from =
                  &in[((g * s.outputs + o) * s.inputs + i) * taps + tap];
              for (int64_t lane = 0; lane < used; ++lane)
                to[lane] = from[lane * s.inputs * taps];
            }
      }
  }

  /// [group][tile of channels][input][ky][kx][channel]
  void packRowConv(const ConvShape &s, const RowTile &tile) {
    int64_t taps = s.kernelHeight * s.kernelWidth;
    out.assign(in.size(), T());
    T *to = out.data();
    for (int64_t g = 0; g < s.groups; ++g)
      for (int64_t first = 0; first < s.outputs; first += tile.channels) {
        int64_t count = std::min(tile.channels, s.outputs - first);
        for (int64_t i = 0; i < s.inputs; ++i)
          for (int64_t tap = 0; tap < taps; ++tap)
            for (int64_t c = 0; c < count; ++c)
              *to++ =
                  in[((g * s.outputs + first + c) * s.inputs + i) * taps + tap];
      }
  }

  /// [block][ky][kx][lane]
  void packDepthwise(const ConvShape &s, int64_t lanes) {
    int64_t taps = s.kernelHeight * s.kernelWidth;
    out.assign(llvm::alignTo(s.groups, lanes) * taps, T());
    for (int64_t c = 0; c < s.groups; ++c)
      for (int64_t tap = 0; tap < taps; ++tap)
        out[(c / lanes * taps + tap) * lanes + c % lanes] = in[c * taps + tap];
  }

  /// [tile of outputs][input][vector][lane], inputs in the order of the buffer
  /// that the layer reads.
  void packDenseOperand(DenseOp dense) {
    if (step.getArgument(argument) != dense.getWeight())
      return packVector();
    TensorLayout input =
        getArgument(step, cast<BlockArgument>(dense.getInput()).getArgNumber());
    SmallVector<int64_t> positions = getPositions(input);
    int64_t columns = positions.size();
    int64_t inputs = getView(input.type, input.layout).strides[0];
    int64_t outputs = in.size() / columns;
    DenseTile tile = chooseDenseTile(inputs, outputs, unit);
    int64_t width = tile.vectors * tile.lanes;
    int64_t padded = llvm::alignTo(outputs, tile.lanes);
    out.assign(padded * inputs, T());
    for (int64_t first = 0; first < outputs; first += width) {
      int64_t count = std::min(width, padded - first);
      T *to = &out[first * inputs];
      for (int64_t o = first; o < std::min(first + count, outputs); ++o)
        for (int64_t c = 0; c < columns; ++c)
          to[positions[c] * count + o - first] = in[o * columns + c];
    }
  }

  /// Where each column of the weights finds its input within an image's buffer.
  static SmallVector<int64_t> getPositions(const TensorLayout &input) {
    SmallVector<int64_t> positions;
    BufferView view = getView(input.type, input.layout);
    if (input.type.getRank() != 4) {
      for (int64_t c = 0; c < input.type.getDimSize(1); ++c)
        positions.push_back(c);
      return positions;
    }
    auto shape = input.type.getShape();
    int64_t block = input.layout.block;
    for (int64_t c = 0; c < shape[1]; ++c)
      for (int64_t y = 0; y < shape[2]; ++y)
        for (int64_t x = 0; x < shape[3]; ++x)
          positions.push_back(view.origin + c / block * view.strides[1] +
                              c % block + y * view.strides[2] +
                              x * view.strides[3]);
    return positions;
  }

  /// As the tensor's layout says.
  void packLayout() {
    TensorLayout tensor = getArgument(step, argument);
    if (tensor.layout.isPlain()) {
      out.assign(in.begin(), in.end());
      return;
    }
    SmallVector<int64_t> shape(4 - tensor.type.getRank(), 1);
    llvm::append_range(shape, tensor.type.getShape());
    auto image = RankedTensorType::get(shape, tensor.type.getElementType());
    TensorLayout aligned{image, tensor.layout};
    BufferView view = getView(image, tensor.layout);
    out.assign(view.elements, T());
    SmallVector<int64_t> positions = getPositions(aligned);
    for (int64_t n = 0; n < shape[0]; ++n)
      for (size_t i = 0; i < positions.size(); ++i)
        out[n * view.strides[0] + positions[i]] = in[n * positions.size() + i];
  }
};

template <typename T>
void packInto(std::vector<char> &blob, func::FuncOp step, unsigned argument,
              ConstantOp constant, const VectorUnit &unit) {
  SmallVector<T> storage;
  Packer<T> packer{step, argument, unit, constant.getValues<T>(storage), {}};
  packer.run();
  const char *bytes = reinterpret_cast<const char *>(packer.out.data());
  blob.insert(blob.end(), bytes, bytes + packer.out.size() * sizeof(T));
}

} // namespace

uint64_t WeightPacker::pack(func::FuncOp step, unsigned argument, Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  int64_t row = constant.getFirstRow() ? *constant.getFirstRow() : -1;
  auto key = std::make_tuple(constant.getValue().getAsOpaquePointer(), row,
                             step.getAsOpaquePointer(), argument);
  auto [it, isNew] = packed.try_emplace(key, blob.size());
  if (!isNew)
    return it->second;
  Type element = constant.getType().getElementType();
  if (element.isF32())
    packInto<float>(blob, step, argument, constant, unit);
  else if (element.isInteger(8))
    packInto<int8_t>(blob, step, argument, constant, unit);
  else
    packInto<int32_t>(blob, step, argument, constant, unit);
  blob.resize(llvm::alignTo(blob.size() + kSlack, kAlignment));
  return it->second;
}
