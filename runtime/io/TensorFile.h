//===- TensorFile.h - Tensors in files --------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_TENSORFILE_H
#define LCP_RUNTIME_IO_TENSORFILE_H

#include "common/base/Tensor.h"
#include "runtime/io/Image.h"

#include <string>

namespace lcp::rt {

/// Elements inside bytes that somebody else holds; possibly not aligned.
struct TensorView {
  TensorSpec spec;
  ByteSpan elements;
  /// The elements are unsigned bytes (`spec` says i8): the pixels of images.
  bool isPixels = false;
};

/// NumPy's .npy, version 1 to 3, of little-endian f4, i1, u1 or i4 in C order.
/// (numpy.lib.format, "Format Version 1.0")
Result<TensorView> parseNpy(ByteSpan bytes);

/// The header that numpy writes before such elements.
std::string npyHeader(const TensorSpec &spec);

/// An ONNX TensorProto (onnx.proto3) of FLOAT, INT8 or INT32, with its elements
/// in raw_data or in the typed fields. They are copied, since the typed fields
/// need decoding.
Result<Tensor> parseTensorProto(ByteSpan bytes);

/// A stack of inputs for one input of a model.
struct InputBatch {
  /// `count` tensors of the model's spec, one after the other.
  AlignedBuffer buffer;
  uint64_t count = 1;
  /// Whether the file had a leading dimension of its own: then the outputs get
  /// one too.
  bool stacked = false;
};

/// Reads a .npy, .pb, .raw, .png, .jpg or .jpeg file, by its suffix, for an
/// input of the given spec. The file's shape must be the spec's; where the
/// spec's first dimension is 1 the file's may be any number N, and these are N
/// inputs. Raw files hold elements only. Images are scaled to the spec's
/// 1xCxHxW and preprocessed. Fails with one line that names the file.
Result<InputBatch> readInput(const std::string &path, const TensorSpec &spec,
                             const ImagePreprocessing &preprocessing);

/// Whether writeTensor knows the suffix of `path`.
Status checkTensorSuffix(const std::string &path);

/// Writes a .npy or .raw file, by its suffix.
Status writeTensor(const std::string &path, const TensorSpec &spec,
                   ByteSpan elements);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_TENSORFILE_H
