//===- TestBundle.h - Bundles for tests, sound and unsound ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_RUNTIME_TESTBUNDLE_H
#define LCP_TEST_UNIT_RUNTIME_TESTBUNDLE_H

#include "runtime/bundle/Bundle.h"
#include "runtime/driver/Driver.h"
#include "runtime/schema/Layout.h"

#include <functional>
#include <string>
#include <vector>

namespace lcp::rt::test {

/// A model and its segments, to be changed at will and then written as a bundle
/// with right hashes, so that the loader's other checks are what decides.
struct BundleDescription {
  struct Segment {
    std::vector<std::byte> bytes;
    uint32_t alignment = 64;
    /// Added to the offset that the segment really has.
    uint64_t offsetError = 0;
    /// Stated instead of the real size if not 0.
    uint64_t statedSize = 0;
  };
  ModelInfo model;
  std::vector<Segment> segments;
  uint32_t schemaVersion = bundleSchemaVersion;
  /// The driver of every part, as schema 1 states it instead of a format.
  std::string driver;
  /// Called last, with the file; the root's and the block's hashes are then
  /// made right again.
  std::function<void(std::vector<std::byte> &)> damage;
  /// Private key in PEM form.
  std::string signingKey;
};

/// Two branches that scale x (1x4) by 2 and by 3 and add 1, each with two parts
/// and a slot between them; a concatenation with an order; and a serial stage
/// that scales by 10. With golden tensors.
BundleDescription exampleBundle();

/// The same with golden tensors of both branches of its parallel stage, which
/// are its last segments.
BundleDescription exampleWithBranchGolden();

/// What the example computes.
std::vector<float> exampleOutput(const std::vector<float> &x);

/// The bundle as a file's bytes, aligned to tensorAlignment.
AlignedBuffer write(const BundleDescription &description);

std::vector<std::byte> toBytes(const std::vector<float> &values);

/// An engine for parts of format "fake", which scale: code "scale" needs one
/// weight, code "increment" adds 1. They fail where something is not aligned.
std::unique_ptr<Driver> makeFakeDriver(const char *engine = "fake");

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_RUNTIME_TESTBUNDLE_H
