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

/// A small file can claim to be a huge image: more is refused.
constexpr uint32_t maxImageSide = 8192;

/// Transparent pixels are over black.
Result<Pixels> decodePng(ByteSpan file);

/// Grey and colour, baseline and progressive. A file with any damage that the
/// decoder notices is refused, not repaired.
Result<Pixels> decodeJpeg(ByteSpan file);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_PIXELS_H
