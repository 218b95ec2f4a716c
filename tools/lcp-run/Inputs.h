//===- Inputs.h - What to run a model on ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_INPUTS_H
#define LCP_TOOLS_LCP_RUN_INPUTS_H

#include "runtime/executor/Executor.h"
#include "runtime/io/CompactInput.h"

#include <optional>
#include <string>
#include <vector>

namespace lcp::rt {

/// The inputs of one or more inferences.
struct InputSet {
  /// The file of each input; empty if they are from none.
  std::vector<std::string> files;
  /// One batch for each input of the model.
  std::vector<InputBatch> batches;
  /// For each input, the images that it is made of, which go to other machines
  /// in its place, one for each inference that they were found for; or empty:
  /// its elements do.
  std::vector<std::vector<EncodedImage>> images;
  /// How many inferences the batches hold.
  uint64_t count = 1;
  /// Whether the files have a leading dimension for them.
  bool stacked = false;

  /// What an inference makes the elements of its inputs of, as the first image
  /// tells; nothing if they are there.
  std::optional<ImageForm> form() const;
  /// Makes the elements of inputs that have images anew, as a worker does.
  Status decode(Executor &executor, uint64_t index) const;

  /// Copies the inputs of one inference to where the executor reads them.
  void fill(Executor &executor, uint64_t index) const;
};

/// Reads the files given by --input, FILE or NAME=FILE.
Result<InputSet> readInputs(const ModelInfo &model,
                            const std::vector<std::string> &arguments);

/// Finds the smallest exact form of every input that the bundle describes as an
/// image, for the first `count` inferences.
Status findImages(const ModelInfo &model, InputSet &inputs, uint64_t count);

/// What it costs that an input was encoded once more.
struct ReencodedInput {
  std::string name;
  /// Of the smallest exact form, and of the new one.
  uint64_t exactBytes = 0, bytes = 0;
  ImageLoss loss;
};

/// Encodes every input that the bundle describes as an image once more, as a
/// JPEG of this quality. Fails if there is none, or if it is from another file
/// than an image.
Result<std::vector<ReencodedInput>>
reencodeImages(const ModelInfo &model, unsigned quality, InputSet &inputs);

/// For --benchmark without --input: the first golden inputs, or seeded noise in
/// [-1, 1) and in the integers' full range.
Result<InputSet> makeInputs(const Bundle &bundle);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_INPUTS_H
