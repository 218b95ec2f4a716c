//===- Window.h - Kernel, strides, pads and dilations -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_WINDOW_H
#define LCP_LIB_IMPORT_ONNX_WINDOW_H

#include "NodeImporter.h"

namespace mlir::lcp {

/// What convolutions and pools have in common. ONNX's auto_pad is resolved to
/// pads, and ceil_mode to `extra` rows and columns of padding at the end.
struct ImportWindow {
  SmallVector<int64_t> kernel, strides, dilations;
  SmallVector<int64_t> pads;        // top, left, bottom, right
  SmallVector<int64_t> extra{0, 0}; // bottom, right: for ceil_mode

  /// Reads the attributes for an image of the last two of `dims` (rank 4);
  /// `kernel` is what the weights say, or empty to read kernel_shape.
  static FailureOr<ImportWindow> read(NodeImporter &n, ArrayRef<int64_t> dims,
                                      ArrayRef<int64_t> kernel);
  /// The pads with `extra` added.
  SmallVector<int64_t> allPads() const;
  /// The attributes of WindowOpInterface.
  void setAttributes(NodeImporter &n, NamedAttrList &attributes) const;

private:
  LogicalResult readLists(NodeImporter &n);
  LogicalResult resolvePads(NodeImporter &n, ArrayRef<int64_t> image);
  void resolveCeiling(ArrayRef<int64_t> image);
  int64_t extent(unsigned i) const {
    return (kernel[i] - 1) * dilations[i] + 1;
  }
};

} // namespace mlir::lcp

#endif // LCP_LIB_IMPORT_ONNX_WINDOW_H
