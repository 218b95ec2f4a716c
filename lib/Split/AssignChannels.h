//===- AssignChannels.h - Which channels go together -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_ASSIGNCHANNELS_H
#define LCP_LIB_SPLIT_ASSIGNCHANNELS_H

#include "WidthPlan.h"
#include "lcp/Split/Split.h"

namespace mlir::lcp {

/// assign=affinity: other channels for the parts of a division, so that the
/// connections between branches carry little weight.
struct ChannelAssignment {
  /// Of every class with a choice; parts as large as they were.
  ClassDivisions divisions;
  KeptWeight kept;
};

/// Reports weights that are not constant f32
/// (docs/rationale/channel-assignment.md).
FailureOr<ChannelAssignment> assignChannels(func::FuncOp func,
                                            const WidthPlan &inOrder);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_ASSIGNCHANNELS_H
