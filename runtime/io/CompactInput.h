//===- CompactInput.h - Inputs on their way elsewhere -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_COMPACTINPUT_H
#define LCP_RUNTIME_IO_COMPACTINPUT_H

#include "runtime/io/TensorFile.h"

namespace lcp::rt {

/// The smallest form of the file that readInput made `batch` of, if that is
/// smaller than the elements: the file itself, if it is an image, or its
/// pixels. One for each of the first `count` inputs of the batch, of which
/// readImage makes exactly its elements; none if nothing is smaller, or if the
/// file has changed.
Result<std::vector<EncodedImage>>
findCompactForm(const std::string &path, const TensorSpec &spec,
                const ImagePreprocessing &preprocessing,
                const InputBatch &batch, uint64_t count);

/// What a network sees of an image that was encoded once more.
struct ImageLoss {
  /// Of elements, by how much they differ.
  float largest = 0;
  double mean = 0;
};

/// Scales the image in `path` to the size of `spec`, encodes it as a JPEG of
/// `quality` (1 to 100) and has `batch` hold the elements that come of it.
Result<EncodedImage> reencode(const std::string &path, const TensorSpec &spec,
                              const ImagePreprocessing &preprocessing,
                              unsigned quality, InputBatch &batch,
                              ImageLoss &loss);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_COMPACTINPUT_H
