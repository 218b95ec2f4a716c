//===- BundleSource.h - Where a bundle's bytes come from --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_BUNDLE_BUNDLESOURCE_H
#define LCP_RUNTIME_BUNDLE_BUNDLESOURCE_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <memory>
#include <string>

namespace lcp::rt {

/// Bytes that somebody else may be writing to: two reads of one place need not
/// agree. Whoever checks them therefore checks a copy, and uses that copy.
class BundleSource {
public:
  virtual ~BundleSource() = default;

  /// In bytes; stays what it is.
  virtual uint64_t size() const = 0;

  /// Copies as many bytes as `to` has, which are inside size().
  virtual Status read(uint64_t offset, Span<std::byte> to) const = 0;

  /// The bytes where they lie, inside size(), for as long as the source lives.
  /// Empty where bytes can only be copied.
  virtual ByteSpan view(uint64_t offset, uint64_t size) const = 0;
};

/// How the segments of a bundle come into memory.
enum class SegmentAccess {
  /// Mapped: weights take no memory of this process, and the file must not be
  /// written to while it runs.
  Mapped,
  /// Copied when they are first used: whatever happens to the file then, the
  /// copies stay. For servers.
  Copied,
};

Result<std::unique_ptr<BundleSource>> openBundleFile(const std::string &path,
                                                     SegmentAccess access);

/// Bytes that the caller keeps, aligned to tensorAlignment.
std::unique_ptr<BundleSource> makeMemorySource(ByteSpan bytes);

} // namespace lcp::rt

#endif // LCP_RUNTIME_BUNDLE_BUNDLESOURCE_H
