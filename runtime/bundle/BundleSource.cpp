//===- BundleSource.cpp - Where a bundle's bytes come from ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bundle/BundleSource.h"

#include "runtime/platform/MappedFile.h"

#include <cstring>

namespace lcp::rt {
namespace {

class MemorySource final : public BundleSource {
public:
  explicit MemorySource(ByteSpan bytes) : bytes(bytes) {}

  uint64_t size() const override { return bytes.size(); }
  Status read(uint64_t offset, Span<std::byte> to) const override {
    if (!to.empty())
      std::memcpy(to.data(), bytes.data() + offset, to.size());
    return {};
  }
  ByteSpan view(uint64_t offset, uint64_t size) const override {
    return bytes.subspan(offset, size);
  }

private:
  ByteSpan bytes;
};

/// Copies come through read(2) in either case: a file that is cut short then
/// gives an error and no SIGBUS.
class FileSource final : public BundleSource {
public:
  FileSource(InputFile file, MappedFile mapped)
      : file(std::move(file)), mapped(std::move(mapped)) {}

  uint64_t size() const override { return file.size(); }
  Status read(uint64_t offset, Span<std::byte> to) const override {
    return file.read(offset, to);
  }
  ByteSpan view(uint64_t offset, uint64_t size) const override {
    return mapped.bytes().empty() ? ByteSpan()
                                  : mapped.bytes().subspan(offset, size);
  }

private:
  InputFile file;
  /// Empty if segments are copied.
  MappedFile mapped;
};

} // namespace

Result<std::unique_ptr<BundleSource>> openBundleFile(const std::string &path,
                                                     SegmentAccess access) {
  LCP_ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
  MappedFile mapped;
  if (access == SegmentAccess::Mapped) {
    LCP_ASSIGN_OR_RETURN(mapped, MappedFile::map(file));
  }
  return std::unique_ptr<BundleSource>(
      std::make_unique<FileSource>(std::move(file), std::move(mapped)));
}

std::unique_ptr<BundleSource> makeMemorySource(ByteSpan bytes) {
  return std::make_unique<MemorySource>(bytes);
}

} // namespace lcp::rt
