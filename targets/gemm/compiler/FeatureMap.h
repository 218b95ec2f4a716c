//===- FeatureMap.h - How tensors lie in activation memory -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_FEATUREMAP_H
#define LCP_TARGETS_GEMM_COMPILER_FEATUREMAP_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include <optional>

namespace mlir::lcp::gemm {

/// The feature map that holds a tensor: tensor element order is N, C, H, W
/// whatever its rank. A flattened 1x16x5x5 stays the feature map 16, 5, 5.
struct MapShape {
  int64_t batch, channels, height, width;

  bool operator==(const MapShape &other) const {
    return batch == other.batch && channels == other.channels &&
           height == other.height && width == other.width;
  }
  bool isPixel() const { return height == 1 && width == 1; }
  MemRefType getType(MLIRContext *context) const;
};

/// Of a tensor by itself: rank 4, or rank 2 as one pixel; nothing otherwise.
std::optional<MapShape> getMapShape(RankedTensorType type);

/// Of a reshape or flatten of `input` to `type`: nothing where the elements
/// would have to move.
std::optional<MapShape> reshapeMap(const MapShape &input,
                                   RankedTensorType type);

/// Of any value of a function, following what made it.
std::optional<MapShape> getMapShape(Value value);

} // namespace mlir::lcp::gemm

#endif // LCP_TARGETS_GEMM_COMPILER_FEATUREMAP_H
