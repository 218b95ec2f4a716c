//===- RootReader.h - From FlatBuffers to plain structures ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_BUNDLE_ROOTREADER_H
#define LCP_RUNTIME_BUNDLE_ROOTREADER_H

#include "runtime/bundle/Bundle.h"

#include <optional>

namespace lcp::rt {

/// A root, read but not yet checked for sense.
struct Root {
  ModelInfo model;
  std::vector<BundleSegment> segments;
  std::optional<Sha256Digest> whole;
};

/// Verifies the identifier, the structure and the version of a root and reads
/// it. The work and the memory are linear in its size.
Result<Root> readRoot(ByteSpan bytes);

} // namespace lcp::rt

#endif // LCP_RUNTIME_BUNDLE_ROOTREADER_H
