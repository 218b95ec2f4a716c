//===- ExchangePlan.h - Values from worker to worker ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_EXCHANGEPLAN_H
#define LCP_RUNTIME_CLUSTER_EXCHANGEPLAN_H

#include "runtime/cluster/CallPlan.h"

#include <map>

namespace lcp::rt {

/// A branch of a segment.
struct ExchangedBranch {
  struct Output {
    /// How many inputs of later stages await it, by device.
    std::map<size_t, unsigned> takers;
    /// The coordinator reads it, or nobody else does.
    bool isSentBack = false;
  };
  const PlannedBranch *planned = nullptr;
  /// For each input the values that it is made of, which other branches of the
  /// segment write: itself, or those of a merge. Empty: the coordinator has it.
  std::vector<std::vector<uint32_t>> inputs;
  std::vector<Output> outputs;
};

/// Stages that follow one another with nothing but merges between them, so that
/// workers can run them without the coordinator.
struct ExchangeSegment {
  /// Counts segments.
  size_t number = 0;
  /// Of all stages of the model, the first one here.
  size_t firstStage = 0;
  std::vector<std::vector<ExchangedBranch>> stages;

  bool has(size_t stage) const {
    return stage >= firstStage && stage - firstStage < stages.size();
  }
};

/// Of a model, which value of which stage is read by which branch of a later
/// one, as far as it can go there directly. Merges are done by those who read
/// their result.
class ExchangePlan {
public:
  /// `calls` outlives this.
  ExchangePlan(const ModelInfo &model, const CallPlan &calls);

  /// The segment that begins with this stage; null if there is none in which a
  /// value goes from branch to branch.
  const ExchangeSegment *beginningAt(size_t stage) const;
  size_t segmentCount() const { return segments.size(); }
  /// Of a merge: whether the coordinator reads its result.
  bool isReadHere(const ModelMerge &merge) const {
    return readHere[merge.output];
  }

private:
  class Builder;
  std::vector<ExchangeSegment> segments;
  /// By value.
  std::vector<bool> readHere;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_EXCHANGEPLAN_H
