//===- FuzzImage.cpp - Any bytes as an image ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a worker gets from its peers as a JPEG or PNG file is either refused in
// one line or becomes pixels that are all numbers, and the same ones each time.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Image.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

using namespace lcp;
using namespace lcp::rt;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static bool isPixel(float value) { return value >= 0 && value <= 255.001f; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const ByteSpan file(reinterpret_cast<const std::byte *>(data), size);
  const TensorSpec colour = {"x", ElementType::F32, {1, 3, 5, 7}},
                   grey = {"x", ElementType::F32, {1, 1, 2, 3}};
  std::vector<float> planes(3 * 5 * 7, -1), again(3 * 5 * 7, -1), luma(2 * 3);
  Status status = decodeImage(file, colour, {}, planes);
  if (!status.ok()) {
    require(!status.message().empty() &&
            status.message().find('\n') == std::string::npos);
    return 0;
  }
  require(decodeImage(file, colour, {}, again).ok() && planes == again);
  require(decodeImage(file, grey, {}, luma).ok());
  for (const std::vector<float> *values : {&planes, &luma})
    for (float value : *values)
      require(isPixel(value));
  return 0;
}
