//===- Split.h - The splitter as functions ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SPLIT_H
#define LCP_SPLIT_SPLIT_H

#include "mlir/IR/BuiltinOps.h"
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
  /// At those, a layer reads as many channels as its branch has, dealt from all
  /// branches, instead of the whole value.
  bool shuffle = false;
};

/// What the passes' options say; include/lcp/Split/Passes.td explains them.
struct SplitRequest {
  /// The number of branches, from 1 to 4096.
  int64_t factor = 0;
  /// How much of every layer's width each branch gets, in relation to the
  /// others, from 1 to 2^31; empty: as much as the others. Not with roundFloor.
  std::vector<int64_t> shares;
  /// Every branch max(1, floor(width / factor)) wide, instead of parts that
  /// differ by at most one.
  bool roundFloor = false;
  /// Percent by which every layer but the classifier is widened.
  int64_t fattenPercent = 0;
  /// Which channels go together: instead of runs of neighbours, those with the
  /// heaviest connections. Not with roundFloor.
  bool assignByAffinity = false;
  /// With assignByAffinity: a file or folder of inputs; channels then go
  /// together such that the network's answers to these stay (OutputJudge.h).
  /// Empty: by weights alone.
  std::string calibrate;
  /// How many exchanges of channels are tried on them.
  unsigned trials = 128;
  /// In the model-parallel form, pairs of layers: the first divided by output
  /// channels, the second by input channels.
  bool pairLayers = false;
  /// What follows the widths form; a choice of widths is measured after it.
  std::string merge = "concat";
  JoinOptions joins;
  /// The ONNX node of the final layer; empty: found by itself.
  std::string classifier;

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

// These change @main of a module. They report what they cannot do through
// diagnostics, and may have changed it all the same.

/// The model-parallel form of a whole network: every layer divided by output
/// channels (with pairLayers, every second one of a pair by input channels),
/// the same function.
FailureOr<KeptWeight> splitWidths(ModuleOp module, const SplitRequest &request);

/// From that form to branches that see their own channels only, but at `joins`.
LogicalResult removeNonBranchConnections(ModuleOp module, StringRef merge,
                                         const JoinOptions &joins = {});

/// Leaves only the branches `kept` (distinct numbers, in any order) of every
/// stage of a split model, and of the layers outside what reads them.
LogicalResult keepBranches(ModuleOp module, ArrayRef<int64_t> kept);

/// Cuts a whole network into `stages` runs of layers, from one to as many as it
/// has layers, each a stage of one branch on a device of its own: the same
/// function.
LogicalResult splitLayers(ModuleOp module, int64_t stages);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SPLIT_H
