//===- StageRun.h - One stage of one request --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_STAGERUN_H
#define LCP_RUNTIME_CLUSTER_STAGERUN_H

#include "runtime/cluster/BranchRun.h"
#include "runtime/cluster/CallPlan.h"

namespace lcp::rt {

/// The branches of a stage, all at once.
class StageRun {
public:
  /// Of the stage's branches, those whose outputs are there.
  using Done = std::function<void(Result<std::vector<bool>>)>;

  /// `values` has the memory of every value of the model, by index, and stays
  /// where it is until `done` is called: once, and soon after the request's
  /// deadline at the latest. With `mayMiss` branches may be left out, but not
  /// all. `done` may destroy the run.
  StageRun(Fleet &fleet, std::shared_ptr<Request> request,
           const std::vector<PlannedBranch> &branches,
           Span<std::byte *const> values, bool mayMiss, Done done);

  /// Begins. May call done() before it returns.
  void start();
  void workersChanged();
  Request &forRequest() { return *request; }

private:
  void add(const PlannedBranch &branch, Span<std::byte *const> values,
           std::vector<TensorPointer> &tensors);
  void ended(size_t branch);
  void allowMissing();
  void concludeIfOver();
  Status firstFailure() const;

  Fleet &fleet;
  std::shared_ptr<Request> request;
  const std::vector<PlannedBranch> &branches;
  bool mayMiss;
  Done done;
  /// One for every branch; null for those that are left out.
  std::vector<std::unique_ptr<BranchRun>> runs;
  std::vector<bool> came;
  size_t left = 0;
  /// A branch has failed that may not be left out.
  bool lost = false;
  /// Runs are being started or told something: what ends now waits with its
  /// conclusion, which may destroy them all.
  bool busy = false;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_STAGERUN_H
