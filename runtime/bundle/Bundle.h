//===- Bundle.h - A compiled model, loaded and checked ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_BUNDLE_BUNDLE_H
#define LCP_RUNTIME_BUNDLE_BUNDLE_H

#include "runtime/bundle/BundleSource.h"
#include "runtime/bundle/ModelInfo.h"
#include "runtime/schema/Hash.h"

#include <memory>
#include <string>
#include <vector>

namespace lcp::rt {

/// Bytes behind the root, with their place already checked.
struct BundleSegment {
  uint64_t offset = 0, size = 0;
  uint32_t alignment = 0;
  Sha256Digest sha256 = {};
};

/// A bundle file after the checks of runtime/schema/README.md. It keeps the
/// file open; what it hands out lives as long as it does.
class Bundle {
public:
  /// Checks everything but the segments' hashes, which segment() checks.
  /// With a key, the bundle must be signed by it.
  static Result<std::unique_ptr<Bundle>>
  open(const std::string &path, const Ed25519Key *key = nullptr,
       SegmentAccess access = SegmentAccess::Mapped);

  /// The same for bytes that the caller keeps, aligned to tensorAlignment.
  static Result<std::unique_ptr<Bundle>> parse(ByteSpan bytes,
                                               const Ed25519Key *key = nullptr);

  /// The same for bytes from anywhere. What of them is checked is read once.
  static Result<std::unique_ptr<Bundle>>
  load(std::unique_ptr<BundleSource> source, const Ed25519Key *key = nullptr);

  const ModelInfo &model() const { return model_; }
  Span<const BundleSegment> segments() const { return segments_; }
  bool isSigned() const { return signed_; }

  /// The root hash of the whole model: the same for a bundle and for the ones
  /// that `--per-branch` made of it. A coordinator and its workers compare it.
  const Sha256Digest &identity() const { return identity_; }
  /// The hash of this file's root.
  const Sha256Digest &rootHash() const { return rootHash_; }
  uint64_t fileSize() const { return source_->size(); }

  /// The bytes of a segment, mapped or copied, whose hash is checked the first
  /// time. Call it from one thread at a time.
  Result<ByteSpan> segment(uint32_t index) const;

  /// A private copy of a segment that was hashed after it was copied: what a
  /// program is made from, so that nothing which changes the file afterwards
  /// changes what runs.
  Result<AlignedBuffer> copySegment(uint32_t index) const;

  /// The hashes of all segments at once, for whoever wants the whole file to be
  /// sound.
  Status checkAllSegments() const;

private:
  explicit Bundle(std::unique_ptr<BundleSource> source)
      : source_(std::move(source)) {}
  Status check(const Ed25519Key *key);
  Status checkHash(uint32_t index, const Result<Sha256Digest> &digest) const;

  std::unique_ptr<BundleSource> source_;
  ModelInfo model_;
  std::vector<BundleSegment> segments_;
  /// Of each segment: its bytes once their hash was checked, and their memory
  /// if they are copied.
  mutable std::vector<ByteSpan> checked_;
  mutable std::vector<AlignedBuffer> copies_;
  Sha256Digest rootHash_ = {}, identity_ = {};
  bool signed_ = false;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_BUNDLE_BUNDLE_H
