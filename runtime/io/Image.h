//===- Image.h - Images as network inputs -----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_IMAGE_H
#define LCP_RUNTIME_IO_IMAGE_H

#include "common/base/Tensor.h"

#include <memory>
#include <vector>

namespace lcp::rt {

/// From 8-bit pixels to an input: (pixel - mean[c]) * scale[c], pixels between
/// 0 and 255. One number stands for all channels; none means 0 and 1.
struct ImagePreprocessing {
  std::vector<float> mean, scale;
  /// Channels in the order blue, green, red.
  bool bgr = false;
};

/// Decodes a PNG or JPEG file, scales it to the height and width of `spec`
/// (1xCxHxW f32, C 1 or 3; bilinear, pixel centres at half-integers) and writes
/// the preprocessed planes to `out`. One channel gets the luma.
Status decodeImage(ByteSpan file, const TensorSpec &spec,
                   const ImagePreprocessing &preprocessing, Span<float> out);

/// Writes the planes of an image that is as large as `spec` already, in the
/// order red, green, blue, preprocessed as decodeImage would.
Status convertPixels(ByteSpan pixels, const TensorSpec &spec,
                     const ImagePreprocessing &preprocessing, Span<float> out);

/// Forms of an image that are smaller than the elements of an input.
enum class ImageForm : uint8_t {
  /// For convertPixels.
  Pixels,
  /// For decodeImage.
  File
};

/// An image that the elements of an input are made of, on its way to somebody
/// else who makes them: made once, and shared by whoever carries it.
struct EncodedImage {
  ImageForm form = ImageForm::File;
  std::shared_ptr<const std::vector<std::byte>> bytes;
};

/// An image that somebody else holds.
struct ImageView {
  ImageForm form = ImageForm::File;
  ByteSpan bytes;
};

/// Whether this build decodes both PNG and JPEG files: it may be made without
/// the libraries.
bool readsImageFiles();

/// Makes the elements of an input, whoever has the image: coordinator and
/// worker get the same bits from the same bytes.
Status readImage(ImageForm form, ByteSpan bytes, const TensorSpec &spec,
                 const ImagePreprocessing &preprocessing, Span<float> out);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_IMAGE_H
