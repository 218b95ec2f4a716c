//===- PackWeights.cpp - Constants in the order of their kernels ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/PackWeights.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/dialect/Step.h"
#include "targets/cpu/compiler/kernels/WinogradTransform.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

constexpr size_t kAlignment = 64;
/// Whole vectors may be loaded past the last value.
constexpr size_t kSlack = 64;

/// Weights as [group][output][input][position].
struct WeightShape {
  int64_t groups = 1, outputs = 1, inputs = 1, positions = 1;
};

WeightShape getShape(Conv2DOp conv) {
  auto weight = getTensorType(conv.getWeight()).getShape();
  int64_t groups = conv.getGroups(), positions = weight[2] * weight[3];
  if (isDepthwise(conv))
    return {1, weight[0], 1, positions};
  return {groups, weight[0] / groups, weight[1], positions};
}

/// Packs values of type T; `out` starts as zeros.
template <typename T> struct Packer {
  func::FuncOp step;
  unsigned argument;
  ArrayRef<T> in;
  std::vector<T> out;

  void run() {
    Operation *root = getRoot(step);
    Value packed = step.getArgument(argument);
    if (!isa<Conv2DOp, DenseOp>(root) ||
        !llvm::is_contained(root->getOperands(), packed))
      return packLayout();
    if (packed != root->getOperand(1))
      return packVector();
    auto schedule = step->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (auto conv = dyn_cast<Conv2DOp>(root))
      return packConv(getShape(conv), schedule.getWeights());
    packDense(cast<DenseOp>(root), schedule.getWeights());
  }

  /// One value for each channel.
  void packVector() {
    out.assign(llvm::alignTo(in.size(), 16), T());
    std::copy(in.begin(), in.end(), out.begin());
  }

  void packConv(WeightShape shape, WeightsAttr order) {
    if constexpr (std::is_same_v<T, float>)
      if (order.getWinograd()) {
        WinogradTransform transform(order.getWinograd());
        std::vector<float> transformed = transform.transformWindows(in);
        in = transformed;
        shape.positions = transform.getProducts();
        // All inputs of a product before those of the next.
        return packPanels(shape, order,
                          llvm::alignTo(shape.inputs, order.getInputs()));
      }
    packPanels(shape, order, order.getInputs());
  }

  /// As #lcp_cpu.weights says, with the inputs of a `block` at one position
  /// before those at the next.
  void packPanels(const WeightShape &shape, WeightsAttr order, int64_t block) {
    int64_t outputs = llvm::alignTo(shape.outputs, order.getMultiple());
    int64_t inputs = llvm::alignTo(shape.inputs, order.getInputs());
    int64_t reduction = inputs * shape.positions;
    int64_t column = reduction + (order.getOffset() ? sizeof(int32_t) : 0);
    out.assign(shape.groups * outputs * column, T());
    T *to = out.data();
    for (int64_t g = 0; g < shape.groups; ++g)
      for (int64_t first = 0; first < outputs; first += order.getPanel()) {
        int64_t width = std::min(order.getPanel(), outputs - first);
        int64_t used = std::min(width, shape.outputs - first);
        int64_t before = (g * shape.outputs + first) * shape.inputs;
        const T *from = &in[before * shape.positions];
        packPanel(from, to, used, width, shape, block, order.getTogether());
        if (order.getOffset())
          addOffsets(from, to + width * reduction, used,
                     shape.inputs * shape.positions, order.getOffset());
        to += width * column;
      }
  }

  /// What makes up for an offset of every input, as 32 bits for each output.
  static void addOffsets(const T *from, T *to, int64_t used, int64_t products,
                         int64_t offset) {
    for (int64_t o = 0; o < used; ++o, from += products, to += 4) {
      int64_t sum = 0;
      for (int64_t i = 0; i < products; ++i)
        sum += static_cast<int64_t>(from[i]);
      auto word = static_cast<int32_t>(-offset * sum);
      std::memcpy(to, &word, sizeof(word));
    }
  }

  /// `used` outputs, as columns of a panel of `width`.
  static void packPanel(const T *from, T *to, int64_t used, int64_t width,
                        const WeightShape &shape, int64_t block,
                        int64_t together) {
    for (int64_t i = 0; i < shape.inputs; ++i)
      for (int64_t p = 0; p < shape.positions; ++p) {
        int64_t row = (i / block * shape.positions + p) * block + i % block;
        T *to0 = to + row / together * together * width + row % together;
        const T *column = from + i * shape.positions + p;
        for (int64_t o = 0; o < used; ++o)
          to0[o * together] = column[o * shape.inputs * shape.positions];
      }
  }

  /// The same of a matrix whose inputs lie as in the buffer that the layer
  /// reads: halos and lanes past the last channel have weights of zero.
  void packDense(DenseOp dense, WeightsAttr order) {
    TensorLayout input = getOperand(step, dense.getInput());
    SmallVector<int64_t> positions = getPositions(input);
    int64_t columns = positions.size(), outputs = in.size() / columns;
    int64_t inputs = getView(input.type, input.layout).strides[0];
    int64_t padded = llvm::alignTo(outputs, order.getMultiple());
    int64_t together = order.getTogether();
    int64_t column = inputs + (order.getOffset() ? sizeof(int32_t) : 0);
    out.assign(padded * column, T());
    for (int64_t first = 0; first < outputs; first += order.getPanel()) {
      int64_t width = std::min(order.getPanel(), padded - first);
      int64_t used = std::min(width, outputs - first);
      T *to = &out[first * column];
      const T *from = &in[first * columns];
      for (int64_t o = 0; o < used; ++o)
        for (int64_t c = 0; c < columns; ++c)
          to[positions[c] / together * together * width + o * together +
             positions[c] % together] = from[o * columns + c];
      if (order.getOffset())
        addOffsets(from, to + width * inputs, used, columns, order.getOffset());
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
              ConstantOp constant) {
  SmallVector<T> storage;
  Packer<T> packer{step, argument, constant.getValues<T>(storage), {}};
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
    packInto<float>(blob, step, argument, constant);
  else if (element.isInteger(8))
    packInto<int8_t>(blob, step, argument, constant);
  else
    packInto<int32_t>(blob, step, argument, constant);
  blob.resize(llvm::alignTo(blob.size() + kSlack, kAlignment));
  return it->second;
}
