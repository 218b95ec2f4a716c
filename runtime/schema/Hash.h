//===- Hash.h - SHA-256 and Ed25519 -----------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SCHEMA_HASH_H
#define LCP_RUNTIME_SCHEMA_HASH_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace lcp::rt {

using Sha256Digest = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256Stream {
public:
  Sha256Stream();
  void update(ByteSpan bytes);
  /// The digest of all updates so far; call it once.
  Result<Sha256Digest> finish();

private:
  struct Free {
    void operator()(void *context) const;
  };
  std::unique_ptr<void, Free> context;
  bool failed = false;
};

Result<Sha256Digest> sha256(ByteSpan bytes);

/// Lower-case hexadecimal digits, e.g. of a digest.
std::string toHex(Span<const uint8_t> bytes);

/// An Ed25519 public key (RFC 8032) that verifies, or private key that signs,
/// read from a PEM file (SubjectPublicKeyInfo or PKCS #8).
class Ed25519Key {
public:
  static Result<Ed25519Key> readPublic(const std::string &path);
  static Result<Ed25519Key> readPrivate(const std::string &path);

  /// Fails with Untrusted if the signature is not this key's.
  Status verify(ByteSpan message, const Ed25519Signature &signature) const;
  Result<Ed25519Signature> sign(ByteSpan message) const;

private:
  struct Free {
    void operator()(void *key) const;
  };
  static Result<Ed25519Key> read(const std::string &path, bool isPrivate);
  std::unique_ptr<void, Free> key;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SCHEMA_HASH_H
