//===- Inputs.h - What to run a model on ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_INPUTS_H
#define LCP_TOOLS_LCP_RUN_INPUTS_H

#include "runtime/executor/Executor.h"
#include "runtime/io/TensorFile.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// The inputs of one or more inferences.
struct InputSet {
  /// One batch for each input of the model.
  std::vector<InputBatch> batches;
  /// How many inferences the batches hold.
  uint64_t count = 1;
  /// Whether the files have a leading dimension for them.
  bool stacked = false;

  /// Copies the inputs of one inference to where the executor reads them.
  void fill(Executor &executor, uint64_t index) const;
};

/// Reads the files given by --input, FILE or NAME=FILE.
Result<InputSet> readInputs(const ModelInfo &model,
                            const std::vector<std::string> &arguments);

/// For --benchmark without --input: the first golden inputs, or seeded noise in
/// [-1, 1) and in the integers' full range.
Result<InputSet> makeInputs(const Bundle &bundle);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_INPUTS_H
