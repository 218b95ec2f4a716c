//===- RootBuilder.h - A compiled model as FlatBuffers --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_BUNDLE_ROOTBUILDER_H
#define LCP_LIB_BUNDLE_ROOTBUILDER_H

#include "Segments.h"
#include "flatbuffers/flatbuffers.h"
#include "lcp/Bundle/Writer.h"
#include <optional>

namespace mlir::lcp {

/// How much of a model a bundle has.
struct BundleContents {
  /// Absent: everything. Else this device's branch of every parallel stage.
  std::optional<unsigned> device;
  /// The root hash of the whole bundle, for one that is not.
  std::optional<::lcp::rt::Sha256Digest> whole;
};

/// Builds the root of runtime/schema/bundle.fbs. Adds code, weights and golden
/// tensors to `segments` and states the offsets they have there: build it once
/// for its size, place the segments behind it, and build it again. Reports at
/// `loc`.
FailureOr<flatbuffers::DetachedBuffer>
buildRoot(const CompiledModel &compiled, const BundleInfo &info,
          const BundleContents &contents, Segments &segments, Location loc);

} // namespace mlir::lcp

#endif // LCP_LIB_BUNDLE_ROOTBUILDER_H
