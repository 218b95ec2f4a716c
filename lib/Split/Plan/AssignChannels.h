//===- AssignChannels.h - Which channels go together -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_ASSIGNCHANNELS_H
#define LCP_LIB_SPLIT_PLAN_ASSIGNCHANNELS_H

#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// assign=affinity: other channels for the parts of a division, so that the
/// connections between branches carry little weight.
struct ChannelAssignment {
  /// Of every class with a choice; parts as large as they were.
  ClassDivisions divisions;
  KeptWeight kept;
  /// What an OutputJudge says, when it was asked.
  struct Agreement {
    double contiguous, assigned;
  };
  std::optional<Agreement> agreement;
};

/// By weights, and by answers where `request` has inputs to calibrate with
/// (docs/rationale/channel-assignment.md). Reports weights that are not
/// constant f32, and what is wrong with the inputs.
FailureOr<ChannelAssignment> assignChannels(func::FuncOp func,
                                            const Sharding &inOrder,
                                            const SplitRequest &request);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_ASSIGNCHANNELS_H
