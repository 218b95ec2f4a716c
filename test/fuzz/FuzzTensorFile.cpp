//===- FuzzTensorFile.cpp - The readers of tensors and images -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/TensorFile.h"

#include <cstdint>
#include <cstdlib>

using namespace lcp;
using namespace lcp::rt;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Whatever is accepted has as many bytes as its shape says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ByteSpan bytes(reinterpret_cast<const std::byte *>(data), size);
  Result<TensorView> npy = parseNpy(bytes);
  require(!npy.ok() || npy->elements.size() == *byteSize(npy->spec));
  Result<Tensor> proto = parseTensorProto(bytes);
  require(!proto.ok() || proto->buffer.size() == *byteSize(proto->spec));
  return 0;
}
