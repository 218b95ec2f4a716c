//===- Segments.cpp - The bytes behind a bundle's root --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Segments.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;

FailureOr<int32_t> Segments::add(ArrayRef<char> bytes, uint32_t alignment) {
  if (bytes.empty())
    return -1;
  auto known = byAddress.find(bytes.data());
  if (known != byAddress.end())
    return known->second;
  ::lcp::Result<::lcp::rt::Sha256Digest> digest = ::lcp::rt::sha256(
      {reinterpret_cast<const std::byte *>(bytes.data()), bytes.size()});
  if (!digest.ok())
    return failure();
  // The least that the loader accepts: Tensor.h's tensorAlignment.
  alignment = std::max<uint32_t>(alignment, 64);
  auto [same, isNew] =
      byContents.try_emplace({*digest, alignment}, int32_t(segments.size()));
  if (isNew)
    segments.push_back({bytes, alignment, *digest, 0});
  byAddress[bytes.data()] = same->second;
  return same->second;
}

uint64_t Segments::place(uint64_t begin) {
  for (Segment &segment : segments) {
    segment.offset = llvm::alignTo(begin, segment.alignment);
    begin = segment.offset + segment.bytes.size();
  }
  return begin;
}

void Segments::write(raw_ostream &os, uint64_t position) const {
  for (const Segment &segment : segments) {
    os.write_zeros(segment.offset - position);
    os.write(segment.bytes.data(), segment.bytes.size());
    position = segment.offset + segment.bytes.size();
  }
}
