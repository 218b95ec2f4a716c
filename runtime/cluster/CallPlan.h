//===- CallPlan.h - The calls that an inference makes -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_CALLPLAN_H
#define LCP_RUNTIME_CLUSTER_CALLPLAN_H

#include "runtime/bundle/ModelInfo.h"
#include "runtime/cluster/Transport.h"

namespace lcp::rt {

/// A branch as its callers see it.
struct PlannedBranch {
  ModelSignature signature;
  size_t device = 0;
  /// Counts the branches of all stages.
  size_t number = 0;
  /// A call without a request and without bytes: which inputs are kept where
  /// they are, and which outputs are to be.
  BranchCall call;
  /// The model's values that are sent, by input, and come back, by output.
  std::vector<uint32_t> inputs, outputs;
};

/// Of a model, what goes from coordinator to workers: values that only one
/// device sees stay there, under a key that is their own.
class CallPlan {
public:
  CallPlan(const ModelInfo &model, const std::string &version);
  CallPlan(const CallPlan &) = delete;
  CallPlan &operator=(const CallPlan &) = delete;

  /// The branches of a parallel stage, by its index; none for a serial one.
  const std::vector<PlannedBranch> &stage(size_t index) const {
    return stages[index];
  }
  size_t stageCount() const { return stages.size(); }
  /// How many branches all stages have.
  size_t branchCount() const { return branches; }
  /// Every signature that whoever stands for `device` must serve; none if no
  /// stage uses the device.
  std::vector<const ModelSignature *> signaturesOf(size_t device) const;

private:
  std::vector<std::vector<PlannedBranch>> stages;
  size_t branches = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_CALLPLAN_H
