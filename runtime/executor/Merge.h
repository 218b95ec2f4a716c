//===- Merge.h - One value out of the branches' -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_MERGE_H
#define LCP_RUNTIME_EXECUTOR_MERGE_H

#include "runtime/bundle/ModelInfo.h"

namespace lcp::rt {

/// A merge of a checked model, prepared so that running it is copying or
/// adding and nothing else.
class PreparedMerge {
public:
  PreparedMerge(const ModelInfo &model, const ModelMerge &merge);

  /// One pointer for every input of the merge, of any alignment. The output is
  /// aligned to tensorAlignment and overlaps none.
  void run(Span<const std::byte *const> inputs, std::byte *output) const;

private:
  /// `size` bytes from one place in an input's row to one in the output's.
  struct Copy {
    uint32_t input;
    uint64_t from, to, size;
  };

  void prepareConcat(const ModelInfo &model, const ModelMerge &merge);
  void runConcat(Span<const std::byte *const> inputs, std::byte *output) const;

  ModelMerge::Kind kind;
  ElementType type;
  uint64_t elements;
  /// Concat: what is before the axis is `rows` rows; bytes of a row of each
  /// input and of the output.
  uint64_t rows = 1, outputRow = 0;
  std::vector<uint64_t> inputRows;
  std::vector<Copy> copies;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_MERGE_H
