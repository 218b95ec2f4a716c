//===- Schedule.h - Register tiles, chosen from shape and CPU ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile is what the registers hold while the reduction runs: an outer product
// of vectors by scalars, accumulated. Kernels and weight packing both ask here,
// so the packed order always fits the loops.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_SCHEDULE_SCHEDULE_H
#define LCP_TARGETS_CPU_COMPILER_SCHEDULE_SCHEDULE_H

#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/machine/Machine.h"
#include "targets/cpu/compiler/graph/OpTraits.h"

namespace mlir::lcp::cpu {

/// The sizes of a convolution, by their names in the op's formula.
struct ConvShape {
  int64_t images, height, width, outHeight, outWidth;
  int64_t groups;
  /// Channels of one group.
  int64_t inputs, outputs;
  int64_t kernelHeight, kernelWidth;
  int64_t strideY, strideX, dilationY, dilationX, padTop, padLeft;

  explicit ConvShape(Conv2DOp conv);
};

/// One dimension cut into full tiles and a smaller last one.
struct Cut {
  int64_t size, tile;
  int64_t full() const { return size / tile; }
  int64_t rest() const { return size % tile; }
  int64_t tiles() const { return full() + (rest() != 0); }
};

/// blocks x (rows x columns): vectors over output channels, scalars from the
/// image.
struct BlockTile {
  int64_t blocks = 1, rows = 1, columns = 1;
};
BlockTile chooseBlockTile(const ConvShape &shape, int64_t block,
                          const VectorUnit &unit);

/// channels x (rows x vectors of lanes columns): vectors over the image's
/// columns, scalars from the weights. A last tile of columns overlaps the one
/// before instead of being smaller.
struct RowTile {
  int64_t channels = 1, rows = 1, vectors = 1, lanes = 1;
};
RowTile chooseRowTile(const ConvShape &shape, const VectorUnit &unit);

/// Points of the image for one vector of channels of a depthwise convolution.
struct PointTile {
  int64_t rows = 1, columns = 1;
};
PointTile choosePointTile(const ConvShape &shape, const VectorUnit &unit);

/// vectors of lanes outputs, each in `splits` partial sums so that enough
/// additions are under way.
struct DenseTile {
  int64_t vectors = 1, lanes = 1, splits = 1;
};
DenseTile chooseDenseTile(int64_t inputs, int64_t outputs,
                          const VectorUnit &unit);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_SCHEDULE_SCHEDULE_H
