//===- PlanSplit.h - Deciding how a network is divided ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PLAN_PLANSPLIT_H
#define LCP_SPLIT_PLAN_PLANSPLIT_H

#include "lcp/Analysis/Cost/Footprint.h"
#include "lcp/Split/Plan/OutputJudge.h"
#include "lcp/Split/Plan/PlanOptions.h"
#include <string>
#include <vector>

namespace mlir::lcp {

/// Which joins, places where a layer reads a merged value, survive when the
/// connections between branches go; docs/rationale/joins.md.
struct JoinOptions {
  /// Every k-th along the depth of the network; 0: none, 1: all.
  int64_t keepEvery = 0;
  /// The first k.
  int64_t keepFirst = 0;
  /// What layers read there.
  JoinKind kind = JoinKind::Whole;
};

/// What is wanted; include/lcp/Split/Passes.td explains it.
struct SplitRequest {
  /// The number of branches, from 1 to PlanAttr::kMaxBranches.
  int64_t factor = 0;
  /// How much of every layer's width each branch gets, in relation to the
  /// others, from 1 to 2^31; empty: as much as the others. Not with
  /// Rounding::Floor.
  std::vector<int64_t> shares;
  Rounding rounding = Rounding::Spread;
  /// Percent by which every layer but the classifier is widened.
  int64_t fattenPercent = 0;
  /// Not Affinity with Rounding::Floor.
  Assignment assignment = Assignment::Contiguous;
  /// With Affinity: a file or folder of inputs; channels then go together such
  /// that the network's answers to these stay. Empty: by weights alone.
  std::string calibrate;
  /// How many exchanges of channels are tried on them.
  unsigned trials = 128;
  ParallelStyle style = ParallelStyle::Column;
  MergeChoice merge = MergeChoice::Concat;
  JoinOptions joins;
  /// The ONNX node of the final layer; empty: found by itself.
  std::string classifier;
  /// What the branches run on, for PlanAttr::getDevices.
  std::vector<std::string> devices;
  OpenOutputJudge openJudge;

  /// One a branch.
  std::vector<int64_t> branchShares() const {
    return shares.empty() ? std::vector<int64_t>(factor, 1) : shares;
  }
};

/// Of the layers that lose connections: the share of their squared weight that
/// does not cross branches, with contiguous channels and as they were assigned;
/// 1 when it was not compared.
struct KeptWeight {
  double contiguous = 1, assigned = 1;
};

/// Something to say of a place in a network.
struct Remark {
  Location loc;
  std::string text;
};

struct PlannedSplit {
  /// Null where a layer has fewer channels than there are branches.
  PlanAttr plan;
  /// That layer.
  std::optional<Remark> tooNarrow;
  KeptWeight kept;
  /// What a user may want to know: what stays whole and why.
  std::vector<Remark> remarks;
};

/// Plans a split of the whole network @main of `module`, which stays as it is
/// but for ops that nothing reads. Reports what is wrong with the request.
FailureOr<PlannedSplit> planSplit(ModuleOp module, const SplitRequest &request);

/// What `module`, stripped of its weights (StripWeights.h) or not, would ask of
/// its devices when divided by `plan`. Reports what cannot be carried out.
FailureOr<NetworkFootprint> measurePlan(ModuleOp module, PlanAttr plan,
                                        const ::lcp::InputForm &input = {});

} // namespace mlir::lcp

#endif // LCP_SPLIT_PLAN_PLANSPLIT_H
