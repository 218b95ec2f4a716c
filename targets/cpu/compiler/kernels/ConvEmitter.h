//===- ConvEmitter.h - What kernels of convolutions share -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_CONVEMITTER_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_CONVEMITTER_H

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

/// Rows innermost: a tile's weights stay in the cache while the image passes
/// by.
inline constexpr Loop kConvLoops[] = {Loop::Image, Loop::Group, Loop::Channel,
                                      Loop::Row};

/// A convolution while its kernel is written.
struct ConvEmitter {
  StepEmitter &step;
  KernelBuilder &k;
  Conv2DOp conv;
  ConvShape shape;
  BufferedTensor input, weight;
  /// The input's buffer.
  BufferView in;
  Tile tile;
  /// The type of the sums.
  Type element;

  explicit ConvEmitter(StepEmitter &step);

  int64_t rowStride() const { return in.strides[2]; }
  int64_t columnStride() const { return in.strides[3]; }

  /// The first position of tile `i` of those of one size.
  Value getFirst(const Cut::Part &part, Value i);

  /// Where the window of the first result of a row begins in the input's
  /// buffer; from one `group` to the next are `groupStride` elements.
  Value getInputRow(Value image, Value group, int64_t groupStride, Value row);

  /// The bias of `lanes` channels, those of block `channel + block`; or zeros.
  Value getBias(Value channel, int64_t block, int64_t lanes);

  /// Finishes sums [blocks][rows][columns] of a tile.
  void finishTile(ResultTile &out, ValueRange sums, int64_t blocks,
                  int64_t rows, int64_t columns);

  /// All of a row of results: `body` gets the first column of each tile, and
  /// how many columns it has; the last may have fewer.
  void columnLoop(function_ref<void(Value column, int64_t columns)> body);

  /// Applies `tap` to all of the window, row by row. Short rows are unrolled;
  /// with `unrollRows` a small window is altogether: where little is done at
  /// each tap, its weights and what is loaded for more than one of them stay in
  /// registers.
  using Tap =
      function_ref<SmallVector<Value>(Value y, Value x, ValueRange sums)>;
  SmallVector<Value> overWindow(ValueRange sums, bool unrollRows, Tap tap);
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_CONVEMITTER_H
