//===- Layout.h - The bundle file's fixed block -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SCHEMA_LAYOUT_H
#define LCP_RUNTIME_SCHEMA_LAYOUT_H

#include "runtime/schema/Hash.h"

#include <cstddef>
#include <cstdint>

namespace lcp::rt {

constexpr uint32_t bundleLayoutVersion = 1;
constexpr uint32_t bundleSchemaVersion = 2;

/// What a bundle file begins with; README.md has the same as a table.
struct FileHeader {
  char magic[8] = {'L', 'C', 'P', 'B', 'N', 'D', 'L', '\0'};
  uint32_t layoutVersion = bundleLayoutVersion;
  uint32_t headerSize = sizeof(FileHeader);
  uint64_t fileSize = 0;
  uint64_t rootOffset = sizeof(FileHeader);
  uint64_t rootSize = 0;
  Sha256Digest rootSha256 = {};
  Ed25519Signature signature = {};
  uint8_t reserved[88] = {};
  /// Of everything above.
  Sha256Digest headerSha256 = {};
};
static_assert(sizeof(FileHeader) == 256, "the file's format");

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "bundles are read in place: the runtime needs a little-endian CPU"
#endif

/// What headerSha256 has to be.
inline Result<Sha256Digest> headerHash(const FileHeader &header) {
  return sha256({reinterpret_cast<const std::byte *>(&header),
                 offsetof(FileHeader, headerSha256)});
}

} // namespace lcp::rt

#endif // LCP_RUNTIME_SCHEMA_LAYOUT_H
