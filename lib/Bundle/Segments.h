//===- Segments.h - The bytes behind a bundle's root ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_BUNDLE_SEGMENTS_H
#define LCP_LIB_BUNDLE_SEGMENTS_H

#include "mlir/Support/LLVM.h"
#include "mlir/Support/LogicalResult.h"
#include "runtime/schema/Hash.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <vector>

namespace mlir::lcp {

/// The segments of one bundle. Refers to the bytes, which must stay where they
/// are; equal bytes become one segment, so that branches of one shape share
/// their code.
class Segments {
public:
  struct Segment {
    ArrayRef<char> bytes;
    uint32_t alignment = 0;
    ::lcp::rt::Sha256Digest sha256 = {};
    uint64_t offset = 0;
  };

  /// The index of the segment for `bytes`, or -1 if there are none. Asking
  /// again for the same memory is cheap.
  FailureOr<int32_t> add(ArrayRef<char> bytes, uint32_t alignment);

  /// Gives every segment its offset in a file, from `begin` on; returns the
  /// file's size.
  uint64_t place(uint64_t begin);

  ArrayRef<Segment> get() const { return segments; }

  /// Writes the segments, padded with zeros, to a file that has `position`
  /// bytes.
  void write(raw_ostream &os, uint64_t position) const;

private:
  std::vector<Segment> segments;
  llvm::DenseMap<const char *, int32_t> byAddress;
  std::map<std::pair<::lcp::rt::Sha256Digest, uint32_t>, int32_t> byContents;
};

} // namespace mlir::lcp

#endif // LCP_LIB_BUNDLE_SEGMENTS_H
