//===- ResizeConstant.cpp - Constants of another width --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ResizeConstant.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Copies positions of a row-major array, and makes up those that are new.
struct Copier {
  static constexpr int64_t kNone = -1;

  ArrayRef<int64_t> oldShape;
  ArrayRef<const ChannelMap *> maps;
  llvm::function_ref<float(int64_t axis)> fill;
  ArrayRef<float> values;
  std::vector<float> resized;
  /// Elements from one old position of each axis to the next.
  SmallVector<int64_t> strides = {};

  /// All that begins at `from` of `values` with the axes from `axis` on;
  /// nothing does if it is new on `newAxis`.
  void copy(int64_t axis, int64_t from, int64_t newAxis) {
    if (llvm::none_of(maps.drop_front(axis), [](auto *map) { return map; }))
      return copyRun(from, axis == 0 ? values.size() : strides[axis - 1],
                     newAxis);
    const ChannelMap *map = maps[axis];
    int64_t size = map ? map->size() : oldShape[axis];
    for (int64_t i = 0; i < size; ++i) {
      int64_t old = map ? (*map)[i] : i;
      if (old == LayerShardsAttr::kNew)
        copy(axis + 1, from, axis);
      else
        copy(axis + 1, from + old * strides[axis], newAxis);
    }
  }

  void copyRun(int64_t from, int64_t size, int64_t newAxis) {
    if (newAxis == kNone)
      llvm::append_range(resized, values.slice(from, size));
    else
      for (int64_t i = 0; i < size; ++i)
        resized.push_back(fill(newAxis));
  }
};
} // namespace

ConstantOp mlir::lcp::resizeConstant(ConstantOp constant,
                                     ArrayRef<const ChannelMap *> maps,
                                     llvm::function_ref<float(int64_t)> fill) {
  RankedTensorType type = constant.getType();
  SmallVector<int64_t> shape(type.getShape());
  bool hasNew = false;
  for (auto [size, map] : llvm::zip(shape, maps)) {
    if (!map)
      continue;
    size = map->size();
    hasNew |= llvm::is_contained(*map, LayerShardsAttr::kNew);
  }
  RankedTensorType resized = type.clone(shape);
  OpBuilder builder(constant);
  float first = *reinterpret_cast<const float *>(constant.getRawData().data());
  // All of a network without weights is zeros, and stays so: a plan that is
  // tried on it takes no memory and draws no numbers.
  if (constant.isSplat() && (first == 0 || !hasNew))
    return builder.create<ConstantOp>(constant.getLoc(),
                                      DenseElementsAttr::get(resized, first));
  SmallVector<float> storage;
  Copier copier{
      type.getShape(), maps, fill, constant.getValues<float>(storage), {}};
  copier.strides = computeStrides(type.getShape());
  copier.resized.reserve(resized.getNumElements());
  copier.copy(0, 0, Copier::kNone);
  return createConstant<float>(builder, constant.getLoc(), resized,
                               constant.getKey(), copier.resized);
}
