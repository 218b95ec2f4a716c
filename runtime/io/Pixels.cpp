//===- Pixels.cpp - What a decoder may believe ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"

#include "runtime/platform/Memory.h"

namespace lcp::rt {

Status checkClaim(const ImageClaim &claim, uint64_t fileSize) {
  const uint64_t pixels = uint64_t(claim.width) * claim.height;
  const std::string size =
      std::to_string(claim.width) + "x" + std::to_string(claim.height);
  if (pixels > maxImagePixels)
    return Status(StatusCode::Unsupported,
                  "the image claims " + size + " pixels; at most " +
                      std::to_string(maxImagePixels) + " are read");
  if (pixels / claim.pixelsPerByte > fileSize)
    return Status(StatusCode::Corrupt,
                  "the image claims " + size + " pixels, for which its " +
                      std::to_string(fileSize) + " bytes are too few");
  return checkMemory(pixels * 3);
}

} // namespace lcp::rt
