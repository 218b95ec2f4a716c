//===- FoldTranspose.cpp - Transposes into the weights of dense ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_FOLDTRANSPOSE
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// For each element of one image of `shape` (batch first), in row-major order:
/// its position in row-major order after transposing by `permutation`.
static SmallVector<int64_t> transposedPositions(ArrayRef<int64_t> shape,
                                                ArrayRef<int64_t> permutation) {
  size_t rank = shape.size();
  SmallVector<int64_t> strides(rank, 0);
  int64_t stride = 1;
  for (size_t i = rank; i-- > 1;) {
    strides[permutation[i]] = stride;
    stride *= shape[permutation[i]];
  }
  SmallVector<int64_t> positions(stride), index(rank, 0);
  int64_t at = 0;
  for (int64_t &position : positions) {
    position = at;
    for (size_t d = rank; d-- > 1;) {
      at += strides[d];
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
      at -= strides[d] * shape[d];
    }
  }
  return positions;
}

static bool foldInto(DenseOp dense) {
  auto flatten = dense.getInput().getDefiningOp<FlattenOp>();
  if (!flatten || flatten.getAxis() != 1)
    return false;
  auto transpose = flatten.getInput().getDefiningOp<TransposeOp>();
  ConstantOp weight = getFloatConstant(dense.getWeight());
  if (!transpose || transpose.getPermutation()[0] != 0 || !weight)
    return false;

  auto from = cast<RankedTensorType>(transpose.getInput().getType());
  SmallVector<int64_t> positions =
      transposedPositions(from.getShape(), transpose.getPermutation());
  SmallVector<float> splat;
  ArrayRef<float> old = weight.getValues<float>(splat);
  OpBuilder builder(dense);
  ConstantOp permuted =
      replaceConstant(builder, weight, [&](MutableArrayRef<float> values) {
        int64_t columns = positions.size();
        for (auto [i, value] : llvm::enumerate(values))
          value = old[i / columns * columns + positions[i % columns]];
      });
  auto flat = builder.create<FlattenOp>(flatten.getLoc(), transpose.getInput());
  dense.getInputMutable().assign(flat);
  dense.getWeightMutable().assign(permuted);
  eraseIfUnused({weight, flatten});
  return true;
}

namespace {
struct FoldTranspose : lcp::impl::FoldTransposeBase<FoldTranspose> {
  void runOnOperation() override {
    getOperation().walk([&](DenseOp dense) {
      if (foldInto(dense))
        ++numFolded;
    });
  }
};
} // namespace
