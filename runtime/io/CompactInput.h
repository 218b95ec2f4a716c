//===- CompactInput.h - Inputs on their way elsewhere -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_COMPACTINPUT_H
#define LCP_RUNTIME_IO_COMPACTINPUT_H

#include "runtime/io/TensorFile.h"

#include <optional>

namespace lcp::rt {

/// Inputs in a form that is smaller than their elements, one after the other
/// and all of one size: readImage makes exactly the elements of each.
struct CompactInput {
  ImageForm form = ImageForm::File;
  std::vector<std::byte> bytes;
  uint64_t count = 1;

  ByteSpan of(uint64_t index) const {
    const size_t each = bytes.size() / count;
    return ByteSpan(bytes).subspan(index * each, each);
  }
};

/// The smallest such form of the file that readInput made `batch` of: the file
/// itself, if it is an image, or its pixels. None if nothing is smaller, or if
/// it no longer gives the same elements.
Result<std::optional<CompactInput>>
findCompactForm(const std::string &path, const TensorSpec &spec,
                const ImagePreprocessing &preprocessing,
                const InputBatch &batch);

/// What a network sees of an image that was encoded once more.
struct ImageLoss {
  /// Of elements, by how much they differ.
  float largest = 0;
  double mean = 0;
};

/// Scales the image in `path` to the size of `spec`, encodes it as a JPEG of
/// `quality` (1 to 100) and has `batch` hold the elements that come of it.
Result<CompactInput> reencode(const std::string &path, const TensorSpec &spec,
                              const ImagePreprocessing &preprocessing,
                              unsigned quality, InputBatch &batch,
                              ImageLoss &loss);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_COMPACTINPUT_H
