//===- Writer.h - Step 5: a compiled model becomes a bundle ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_BUNDLE_WRITER_H
#define LCP_BUNDLE_WRITER_H

#include "lcp/Lower/CompiledModel.h"
#include "lcp/Support/OutputFiles.h"
#include <optional>

namespace mlir::lcp {

/// From an 8-bit image to an input: (pixel - mean) * scale; each list holds one
/// number a channel, one for all, or none (0 and 1).
struct ImagePreprocessing {
  std::vector<float> mean, scale;
  bool bgr = false;
};

/// What the reference computes from some inputs: every value between the
/// model's steps, inputs and outputs among them, as the raw bytes of its type.
struct GoldenSet {
  /// By the index of OutlinedModel::values.
  std::vector<std::vector<char>> values;
  /// How far an output may be off, relative to the largest magnitude of the
  /// expected tensor.
  float tolerance = 1e-4f;
};

/// What stands for a value of the model (by its number) where the branch that
/// computes it is missing: its mean, as raw bytes of its type.
struct ValueMean {
  uint32_t value;
  std::vector<char> elements;
};

/// What a bundle says beside the model itself.
struct BundleInfo {
  /// The compiler's name and version, and the flags it was given.
  std::string producer, producerFlags;
  std::optional<ImagePreprocessing> image;
  /// Names of the positions on the first output's last axis; may be empty.
  std::vector<std::string> labels;
  std::vector<GoldenSet> golden;
  std::vector<ValueMean> means;
  /// Path of an Ed25519 private key in PEM form that signs the bundle; empty:
  /// it is not signed.
  std::string signingKey;
};

/// Writes the bundle to `stream` and, if `perBranch`, one for each device to
/// `outputs`, beside `path`, the bundle's own: NAME.b0.fb, NAME.b1.fb, ..., the
/// same root, with the code and weights of that device's branch of every
/// parallel stage only. Reports at `loc`.
LogicalResult writeBundles(const CompiledModel &compiled,
                           const BundleInfo &info, raw_ostream &stream,
                           StringRef path, bool perBranch, OutputFiles &outputs,
                           Location loc);

} // namespace mlir::lcp

#endif // LCP_BUNDLE_WRITER_H
