//===- Pixels.h - Decoders of image files -----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_PIXELS_H
#define LCP_RUNTIME_IO_PIXELS_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <cstdint>
#include <vector>

namespace lcp::rt {

/// 8-bit red, green, blue; rows from top to bottom.
struct Pixels {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> data;
};

/// Most pixels of an image: enough for a full-frame camera's 24 million. It is
/// decoded to 3 bytes a pixel, and while a progressive JPEG is decoded its
/// coefficients take 6 more: 288 MiB together, which a device with 1 GiB can
/// spare for the one image that it decodes at a time.
constexpr uint64_t maxImagePixels = uint64_t(1) << 25;

/// What the header of a file says of the image behind it.
struct ImageClaim {
  uint32_t width = 0, height = 0;
  /// The most pixels that any byte of such a file can stand for.
  uint64_t pixelsPerByte = 1;
};

/// Fails if the image is too large for the limit above, for this machine, or
/// for its file: a small file can claim to be a huge image. To be asked before
/// memory is reserved for the pixels.
Status checkClaim(const ImageClaim &claim, uint64_t fileSize);

/// Transparent pixels are over black.
Result<Pixels> decodePng(ByteSpan file);

/// Grey and colour, baseline and progressive. A file with any damage that the
/// decoder notices is refused, not repaired.
Result<Pixels> decodeJpeg(ByteSpan file);

/// A baseline JPEG of `quality`, 1 to 100, of 8-bit planes: one, grey, or
/// three: red, green, blue.
Result<std::vector<std::byte>> encodeJpeg(ByteSpan planes, uint32_t channels,
                                          uint32_t height, uint32_t width,
                                          unsigned quality);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_PIXELS_H
