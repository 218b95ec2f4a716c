//===- Png.cpp - PNG files ------------------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"

#ifdef LCP_HAS_PNG
#include <algorithm>
#include <png.h>
#endif

namespace lcp::rt {

#ifdef LCP_HAS_PNG

/// After libpng has read the header.
static ImageClaim claimOf(const png_image &image, ByteSpan file) {
  // Deflate makes at most 1032 bytes of one (zlib.net, "Technical Details").
  constexpr uint64_t largestRatio = 1032;
  // PNG 11.2.2: IHDR comes first; bit depth and colour type follow the size.
  constexpr size_t depthAt = 24, colourAt = 25;
  const auto colour = uint8_t(file[colourAt]);
  const bool isPalette = (colour & PNG_COLOR_MASK_PALETTE) != 0;
  uint64_t samples = colour & PNG_COLOR_MASK_COLOR && !isPalette ? 3 : 1;
  samples += (colour & PNG_COLOR_MASK_ALPHA) != 0;
  const uint64_t bits = samples * std::max<uint64_t>(1, uint8_t(file[depthAt]));
  return {image.width, image.height,
          std::max<uint64_t>(1, largestRatio * 8 / bits)};
}

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
  Status claim = checkClaim(claimOf(image, file), file.size());
  if (!claim.ok()) {
    png_image_free(&image);
    return claim;
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
