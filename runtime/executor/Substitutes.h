//===- Substitutes.h - In the place of a missing branch ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_SUBSTITUTES_H
#define LCP_RUNTIME_EXECUTOR_SUBSTITUTES_H

#include "runtime/bundle/Bundle.h"

#include <vector>

namespace lcp::rt {

/// What merges read where a branch has not come: features that a concatenation
/// wants are their means over the calibration set, which the bundle has, and a
/// sum goes without the missing addend.
class Substitutes {
public:
  /// Fails if something else than a merge wants what a branch writes, or if the
  /// bundle lacks the means. The bundle outlives the result.
  static Result<Substitutes> make(const Bundle &bundle);

  /// Writes what stands for the outputs of `branch`; `values` as in
  /// RemoteStages::runStage.
  void fill(const ModelBranch &branch, Span<std::byte *const> values) const;

private:
  struct Substitute {
    /// Nobody reads the value if its branch is missing.
    bool needed = false;
    /// Empty: zeros.
    ByteSpan mean;
    uint64_t size = 0;
  };
  /// One for every value of the model.
  std::vector<Substitute> ofValue;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_SUBSTITUTES_H
