//===- Png.cpp - PNG files ------------------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"

#ifdef LCP_HAS_PNG
#include <png.h>
#endif

namespace lcp::rt {

#ifdef LCP_HAS_PNG

Result<Pixels> decodePng(ByteSpan file) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  auto failure = [&] {
    std::string message = image.message;
    png_image_free(&image);
    return Status(StatusCode::Corrupt, "not a readable PNG image: " + message);
  };
  if (!png_image_begin_read_from_memory(&image, file.data(), file.size()))
    return failure();
  if (image.width > maxImageSide || image.height > maxImageSide) {
    png_image_free(&image);
    return Status(StatusCode::Unsupported,
                  "the image is over 8192 pixels wide or high");
  }
  image.format = PNG_FORMAT_RGB;
  Pixels pixels;
  pixels.width = image.width;
  pixels.height = image.height;
  pixels.data.resize(PNG_IMAGE_SIZE(image));
  const png_color black = {0, 0, 0};
  if (!png_image_finish_read(&image, &black, pixels.data.data(),
                             /*row_stride=*/0, /*colormap=*/nullptr))
    return failure();
  return pixels;
}

#else

Result<Pixels> decodePng(ByteSpan file) {
  return Status(StatusCode::Unsupported,
                "this build reads no PNG images (it was made without libpng)");
}

#endif

} // namespace lcp::rt
