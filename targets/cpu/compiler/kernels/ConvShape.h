//===- ConvShape.h - The sizes of a convolution, and cuts of them -*- C++ -===//
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
};

/// A dimension cut into tiles, the last of which may be smaller.
struct Cut {
  int64_t size, tile;
  int64_t full() const { return size / tile; }
  int64_t rest() const { return size % tile; }
  /// The sizes of tiles that there are, and how many of each.
  SmallVector<std::pair<int64_t, int64_t>, 2> tiles() const;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_CONVSHAPE_H
