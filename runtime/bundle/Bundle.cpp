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

namespace lcp::rt {
namespace {

constexpr uint32_t minAlignment = tensorAlignment;
constexpr uint32_t maxAlignment = 65536;

Status corrupt(std::string what) {
  return Status(StatusCode::Corrupt, std::move(what));
}

/// Reads the fixed block; what it says about sizes is true afterwards.
Result<FileHeader> readHeader(ByteSpan bytes) {
  FileHeader header;
  const FileHeader expected;
  if (bytes.size() < sizeof(FileHeader))
    return corrupt("the file has " + std::to_string(bytes.size()) +
                   " bytes, too few for a bundle");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::memcmp(header.magic, expected.magic, sizeof(header.magic)) != 0)
    return corrupt("the file is not a bundle");
  if (header.layoutVersion != bundleLayoutVersion)
    return Status(StatusCode::Unsupported,
                  "bundle layout " + std::to_string(header.layoutVersion) +
                      "; this build reads " +
                      std::to_string(bundleLayoutVersion) +
                      ": update it, or compile the model again");
  if (header.fileSize != bytes.size())
    return corrupt("the file has " + std::to_string(bytes.size()) +
                   " bytes and should have " + std::to_string(header.fileSize) +
                   ": it is incomplete or damaged");
  if (header.headerSize != expected.headerSize ||
      header.rootOffset != expected.rootOffset ||
      header.rootSize > bytes.size() - header.rootOffset ||
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
Status checkPadding(ByteSpan bytes, uint64_t begin, uint64_t end) {
  ByteSpan padding = bytes.subspan(begin, end - begin);
  if (padding.size() >= maxAlignment ||
      !std::all_of(padding.begin(), padding.end(),
                   [](std::byte byte) { return byte == std::byte(0); }))
    return corrupt("there is something between the bundle's segments");
  return {};
}

/// Every segment lies behind the one before, inside the file.
Status checkSegments(ByteSpan bytes, Span<const BundleSegment> segments,
                     uint64_t rootEnd) {
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
    if (segment.size == 0 || !segmentEnd || *segmentEnd > bytes.size())
      return corrupt(name + " is empty or reaches past the file's end");
    LCP_RETURN_IF_ERROR(checkPadding(bytes, end, segment.offset));
    end = *segmentEnd;
  }
  return checkPadding(bytes, end, bytes.size());
}

bool isZero(const Ed25519Signature &signature) {
  return std::all_of(signature.begin(), signature.end(),
                     [](uint8_t byte) { return byte == 0; });
}

} // namespace

Result<std::unique_ptr<Bundle>> Bundle::open(const std::string &path,
                                             const Ed25519Key *key) {
  LCP_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  std::unique_ptr<Bundle> bundle(new Bundle);
  bundle->file_ = std::move(file);
  Status status = bundle->load(bundle->file_.bytes(), key);
  if (!status.ok())
    return std::move(status).withContext("'" + path + "'");
  return bundle;
}

Result<std::unique_ptr<Bundle>> Bundle::parse(ByteSpan bytes,
                                              const Ed25519Key *key) {
  std::unique_ptr<Bundle> bundle(new Bundle);
  LCP_RETURN_IF_ERROR(bundle->load(bytes, key));
  return bundle;
}

Status Bundle::load(ByteSpan bytes, const Ed25519Key *key) {
  bytes_ = bytes;
  LCP_ASSIGN_OR_RETURN(FileHeader header, readHeader(bytes));
  ByteSpan rootBytes = bytes.subspan(header.rootOffset, header.rootSize);
  LCP_ASSIGN_OR_RETURN(Root root, readRoot(rootBytes));
  LCP_RETURN_IF_ERROR(
      checkSegments(bytes, root.segments, header.rootOffset + header.rootSize));
  std::vector<uint64_t> sizes;
  sizes.reserve(root.segments.size());
  for (const BundleSegment &segment : root.segments)
    sizes.push_back(segment.size);
  LCP_RETURN_IF_ERROR(checkModel(root.model, sizes));
  LCP_ASSIGN_OR_RETURN(rootHash_, sha256(rootBytes));
  if (rootHash_ != header.rootSha256)
    return corrupt("the root's hash is wrong: the file is damaged");
  signed_ = !isZero(header.signature);
  if (key && !signed_)
    return Status(StatusCode::Untrusted, "the bundle is not signed");
  if (key)
    LCP_RETURN_IF_ERROR(key->verify(rootBytes, header.signature));
  model_ = std::move(root.model);
  segments_ = std::move(root.segments);
  hashed_.assign(segments_.size(), false);
  identity_ = root.whole.value_or(rootHash_);
  return {};
}

Status Bundle::checkHash(uint32_t index, ByteSpan bytes) const {
  LCP_ASSIGN_OR_RETURN(Sha256Digest digest, sha256(bytes));
  if (digest != segments_[index].sha256)
    return corrupt("the hash of segment " + std::to_string(index) +
                   " is wrong: the file is damaged");
  return {};
}

Result<ByteSpan> Bundle::segment(uint32_t index) const {
  if (index >= segments_.size())
    return Status(StatusCode::NotFound,
                  "no segment " + std::to_string(index) + " in the bundle");
  ByteSpan bytes =
      bytes_.subspan(segments_[index].offset, segments_[index].size);
  if (!hashed_[index])
    LCP_RETURN_IF_ERROR(checkHash(index, bytes));
  hashed_[index] = true;
  return bytes;
}

Status Bundle::checkAllSegments() const {
  for (uint32_t index = 0; index < segments_.size(); ++index)
    LCP_RETURN_IF_ERROR(segment(index).status());
  return {};
}

Result<AlignedBuffer> Bundle::copySegment(uint32_t index) const {
  if (index >= segments_.size())
    return Status(StatusCode::NotFound,
                  "no segment " + std::to_string(index) + " in the bundle");
  const BundleSegment &segment = segments_[index];
  LCP_ASSIGN_OR_RETURN(AlignedBuffer copy,
                       AlignedBuffer::allocate(segment.size));
  std::memcpy(copy.data(), bytes_.data() + segment.offset, segment.size);
  LCP_RETURN_IF_ERROR(checkHash(index, copy.bytes()));
  return copy;
}

} // namespace lcp::rt
