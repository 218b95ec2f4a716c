//===- Bundle.cpp - A compiled model, loaded and checked ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the checks is that of runtime/schema/README.md.
//
//===----------------------------------------------------------------------===//

#include "runtime/bundle/Bundle.h"

#include "common/base/Arithmetic.h"
#include "runtime/bundle/RootReader.h"
#include "runtime/schema/Layout.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lcp::rt {
namespace {

constexpr uint32_t minAlignment = tensorAlignment;
constexpr uint32_t maxAlignment = 65536;

Status corrupt(std::string what) {
  return Status(StatusCode::Corrupt, std::move(what));
}

/// Reads the fixed block; what it says about sizes is true afterwards.
Result<FileHeader> readHeader(const BundleSource &source) {
  FileHeader header;
  const FileHeader expected;
  if (source.size() < sizeof(FileHeader))
    return corrupt("the file has " + std::to_string(source.size()) +
                   " bytes, too few for a bundle");
  LCP_RETURN_IF_ERROR(
      source.read(0, {reinterpret_cast<std::byte *>(&header), sizeof(header)}));
  if (std::memcmp(header.magic, expected.magic, sizeof(header.magic)) != 0)
    return corrupt("the file is not a bundle");
  if (header.layoutVersion != bundleLayoutVersion)
    return Status(StatusCode::Unsupported,
                  "bundle layout " + std::to_string(header.layoutVersion) +
                      "; this build reads " +
                      std::to_string(bundleLayoutVersion) +
                      ": update it, or compile the model again");
  if (header.fileSize != source.size())
    return corrupt("the file has " + std::to_string(source.size()) +
                   " bytes and should have " + std::to_string(header.fileSize) +
                   ": it is incomplete or damaged");
  if (header.headerSize != expected.headerSize ||
      header.rootOffset != expected.rootOffset ||
      header.rootSize > source.size() - header.rootOffset ||
      std::memcmp(header.reserved, expected.reserved,
                  sizeof(header.reserved)) != 0)
    return corrupt("the file's fixed block is damaged");
  LCP_ASSIGN_OR_RETURN(Sha256Digest digest, headerHash(header));
  if (digest != header.headerSha256)
    return corrupt("the hash of the file's fixed block is wrong: the file is "
                   "damaged");
  return header;
}

/// Nothing but padding lies between two offsets.
Status checkPadding(const BundleSource &source, uint64_t begin, uint64_t end) {
  std::vector<std::byte> padding(std::min<uint64_t>(end - begin, maxAlignment));
  LCP_RETURN_IF_ERROR(source.read(begin, {padding.data(), padding.size()}));
  if (padding.size() >= maxAlignment ||
      !std::all_of(padding.begin(), padding.end(),
                   [](std::byte byte) { return byte == std::byte(0); }))
    return corrupt("there is something between the bundle's segments");
  return {};
}

/// Every segment lies behind the one before, inside the file.
Status checkSegments(const BundleSource &source,
                     Span<const BundleSegment> segments, uint64_t rootEnd) {
  uint64_t end = rootEnd;
  for (size_t i = 0; i < segments.size(); ++i) {
    const BundleSegment &segment = segments[i];
    const std::string name = "segment " + std::to_string(i);
    if (!isPowerOf2(segment.alignment) || segment.alignment < minAlignment ||
        segment.alignment > maxAlignment)
      return corrupt(name + " has a wrong alignment");
    if (segment.offset % segment.alignment != 0)
      return corrupt(name + " is not aligned");
    if (segment.offset < end)
      return corrupt(name + " overlaps what is before it");
    std::optional<uint64_t> segmentEnd =
        checkedAdd(segment.offset, segment.size);
    if (segment.size == 0 || !segmentEnd || *segmentEnd > source.size())
      return corrupt(name + " is empty or reaches past the file's end");
    LCP_RETURN_IF_ERROR(checkPadding(source, end, segment.offset));
    end = *segmentEnd;
  }
  return checkPadding(source, end, source.size());
}

bool isZero(const Ed25519Signature &signature) {
  return std::all_of(signature.begin(), signature.end(),
                     [](uint8_t byte) { return byte == 0; });
}

/// A copy of the root which is what the fixed block says it is, and signed if
/// there is a key. Whoever parses it parses the very bytes that were checked:
/// those in the file may be others by then.
Result<AlignedBuffer> readCheckedRoot(const BundleSource &source,
                                      const FileHeader &header,
                                      const Ed25519Key *key) {
  LCP_ASSIGN_OR_RETURN(AlignedBuffer root,
                       AlignedBuffer::allocate(header.rootSize));
  LCP_RETURN_IF_ERROR(source.read(header.rootOffset, root.bytes()));
  ByteSpan bytes = std::as_const(root).bytes();
  LCP_ASSIGN_OR_RETURN(Sha256Digest digest, sha256(bytes));
  if (digest != header.rootSha256)
    return corrupt("the root's hash is wrong: the file is damaged");
  if (key && isZero(header.signature))
    return Status(StatusCode::Untrusted, "the bundle is not signed");
  if (key)
    LCP_RETURN_IF_ERROR(key->verify(bytes, header.signature));
  return root;
}

} // namespace

Result<std::unique_ptr<Bundle>> Bundle::open(const std::string &path,
                                             const Ed25519Key *key,
                                             SegmentAccess access) {
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<BundleSource> source,
                       openBundleFile(path, access));
  Result<std::unique_ptr<Bundle>> bundle = load(std::move(source), key);
  if (!bundle.ok())
    return std::move(bundle).status().withContext("'" + path + "'");
  return bundle;
}

Result<std::unique_ptr<Bundle>> Bundle::parse(ByteSpan bytes,
                                              const Ed25519Key *key) {
  return load(makeMemorySource(bytes), key);
}

Result<std::unique_ptr<Bundle>>
Bundle::load(std::unique_ptr<BundleSource> source, const Ed25519Key *key) {
  std::unique_ptr<Bundle> bundle(new Bundle(std::move(source)));
  LCP_RETURN_IF_ERROR(bundle->check(key));
  return bundle;
}

Status Bundle::check(const Ed25519Key *key) {
  LCP_ASSIGN_OR_RETURN(FileHeader header, readHeader(*source_));
  LCP_ASSIGN_OR_RETURN(AlignedBuffer rootBytes,
                       readCheckedRoot(*source_, header, key));
  LCP_ASSIGN_OR_RETURN(Root root, readRoot(std::as_const(rootBytes).bytes()));
  LCP_RETURN_IF_ERROR(checkSegments(*source_, root.segments,
                                    header.rootOffset + header.rootSize));
  std::vector<uint64_t> sizes;
  sizes.reserve(root.segments.size());
  for (const BundleSegment &segment : root.segments)
    sizes.push_back(segment.size);
  LCP_RETURN_IF_ERROR(checkModel(root.model, sizes));
  rootHash_ = header.rootSha256;
  signed_ = !isZero(header.signature);
  model_ = std::move(root.model);
  segments_ = std::move(root.segments);
  checked_.resize(segments_.size());
  copies_.resize(segments_.size());
  identity_ = root.whole.value_or(rootHash_);
  return {};
}

Status Bundle::checkHash(uint32_t index,
                         const Result<Sha256Digest> &digest) const {
  LCP_RETURN_IF_ERROR(digest.status());
  if (*digest != segments_[index].sha256)
    return corrupt("the hash of segment " + std::to_string(index) +
                   " is wrong: the file is damaged");
  return {};
}

Result<ByteSpan> Bundle::segment(uint32_t index) const {
  if (index >= segments_.size())
    return Status(StatusCode::NotFound,
                  "no segment " + std::to_string(index) + " in the bundle");
  if (!checked_[index].empty())
    return checked_[index];
  ByteSpan bytes =
      source_->view(segments_[index].offset, segments_[index].size);
  if (bytes.empty()) {
    LCP_ASSIGN_OR_RETURN(copies_[index], copySegment(index));
    bytes = std::as_const(copies_[index]).bytes();
  } else {
    LCP_RETURN_IF_ERROR(checkHash(index, sha256(bytes)));
  }
  checked_[index] = bytes;
  return bytes;
}

Status Bundle::checkAllSegments() const {
  for (uint32_t index = 0; index < segments_.size(); ++index)
    LCP_RETURN_IF_ERROR(segment(index).status());
  return {};
}

Result<AlignedBuffer> Bundle::copySegment(uint32_t index) const {
  // Hashed while it is still in the cache.
  constexpr uint64_t piece = 256 << 10;
  if (index >= segments_.size())
    return Status(StatusCode::NotFound,
                  "no segment " + std::to_string(index) + " in the bundle");
  const BundleSegment &segment = segments_[index];
  LCP_ASSIGN_OR_RETURN(AlignedBuffer copy,
                       AlignedBuffer::allocate(segment.size));
  Sha256Stream hash;
  for (uint64_t done = 0; done < segment.size; done += piece) {
    Span<std::byte> bytes =
        copy.bytes().subspan(done, std::min(piece, segment.size - done));
    LCP_RETURN_IF_ERROR(source_->read(segment.offset + done, bytes));
    hash.update(bytes);
  }
  LCP_RETURN_IF_ERROR(checkHash(index, hash.finish()));
  return copy;
}

} // namespace lcp::rt
