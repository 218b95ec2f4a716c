//===- ModelSignature.h - A bundle's branches as models ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Worker and coordinator must give the same branch the same names.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_MODELSIGNATURE_H
#define LCP_RUNTIME_RPC_MODELSIGNATURE_H

#include "runtime/bundle/Bundle.h"

#include <optional>
#include <string>
#include <vector>

namespace lcp::rt {

/// What a model is known by, on whichever machine it runs.
struct ModelSignature {
  /// "lenet", or "lenet.s0.b2" for branch 2 of stage 0.
  std::string name;
  /// The bundle's identity in hexadecimal.
  std::string version;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  /// For each input, how pixels become its elements, if it may come as an
  /// image; or empty: none may.
  std::vector<std::optional<ImagePreprocessing>> images = {};
  /// For each input, what the model merges it of, in order: none if it is no
  /// merge's result. Or empty: none is.
  std::vector<std::vector<TensorSpec>> pieces = {};

  /// How many there are of the input.
  size_t pieceCount(size_t input) const {
    return input < pieces.size() ? pieces[input].size() : 0;
  }
  /// Null if the input may not come as an image.
  const ImagePreprocessing *imageOf(size_t input) const {
    return input < images.size() && images[input] ? &*images[input] : nullptr;
  }
};

/// What the protocol calls the model's version: the bundle's identity in
/// hexadecimal, which the bundles made by --per-branch share.
std::string bundleVersion(const Bundle &bundle);

/// "NAME.s0.b2" with the branch's inputs and outputs. Tensors are called as the
/// model calls its values; those without a name, or whose name another tensor
/// of the branch has, "value17" by their index.
ModelSignature branchSignature(const ModelInfo &model,
                               const std::string &version,
                               const ModelBranch &branch);

/// "NAME" with the model's inputs and outputs.
ModelSignature wholeSignature(const ModelInfo &model,
                              const std::string &version);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_MODELSIGNATURE_H
