//===- ConvWork.h - What there is to do in a convolution --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_CONVWORK_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_CONVWORK_H

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

/// What the cost model asks of a convolution in blocks of channels.
struct ConvWork {
  MachineAttr machine;
  ConvShape shape;
  /// The input's buffer, and the channels in its blocks and in the result's.
  BufferView in;
  int64_t inputBlock, lanes;

  ConvWork(func::FuncOp step, MachineAttr machine);

  /// How many inputs all tiles of a panel may add before any adds the next: all
  /// of them, which is written 1, or whole blocks. Not all of many where the
  /// image does not stay in the second cache.
  SmallVector<int64_t> getInputsAtATime() const;

  /// Tiles of a size, and the smaller ones at the edges.
  SmallVector<TileWork, 2> getTiles(const Tile &tile) const;

private:
  int64_t getImageBytes(int64_t inputs, int64_t rows, int64_t columns) const;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_CONVWORK_H
