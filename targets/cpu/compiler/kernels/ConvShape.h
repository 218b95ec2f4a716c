//===- ConvShape.h - A convolution's sizes, and cuts of them ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_CONVSHAPE_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_CONVSHAPE_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp::cpu {

struct ConvShape {
  int64_t images, height, width, outHeight, outWidth;
  int64_t groups;
  /// Channels of one group.
  int64_t inputs, outputs;
  int64_t kernelHeight, kernelWidth;
  int64_t strideY, strideX, dilationY, dilationX, padTop, padLeft;

  explicit ConvShape(Conv2DOp conv);

  /// Products of one sum, where inputs are read in blocks of so many channels.
  int64_t getReduction(int64_t inputBlock) const;
};

/// A dimension cut into tiles, the last of which may be smaller than the
/// others.
struct Cut {
  int64_t size, tile;
  int64_t full() const { return size / tile; }
  int64_t rest() const { return size % tile; }

  /// Tiles of one size: where the first begins, and how many there are.
  struct Part {
    int64_t first, size, count;
  };
  /// The full tiles and the smaller one, as far as there are any.
  SmallVector<Part, 2> parts() const;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_CONVSHAPE_H
