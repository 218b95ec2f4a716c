//===- AssignChannels.cpp - Which channels go together --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AssignChannels.h"
#include "BalancedPartition.h"
#include "ShardByShares.h"
#include "TrialSearch.h"
#include "TryPlan.h"
#include "WritePlan.h"
#include "lcp/Split/Sharding/ChannelOrigins.h"
#include <map>

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// The problem whose vertices are units, a quantum of channels of a class each.
class ProblemBuilder {
public:
  ProblemBuilder(func::FuncOp func, const Sharding &inOrder)
      : func(func), inOrder(inOrder), origins(func, inOrder) {}

  LogicalResult build();
  FailureOr<ChannelAssignment> solve(const SplitRequest &request);

private:
  FailureOr<TrialResult> solveByAnswers(const PartOfUnit &byWeights,
                                        const SplitRequest &request);
  void addClasses();
  LogicalResult addLayer(Operation *op);
  void addWeights(ConstantOp weight, const ChannelOrigin &output,
                  const ChannelOrigin &input);
  std::vector<float> &blockOf(unsigned row, unsigned column);
  Partition partitionOf(const Sharding::Choice &choice,
                        ArrayRef<unsigned> parts) const;
  ClassDivisions divisionsOf(const PartOfUnit &parts) const;

  func::FuncOp func;
  const Sharding &inOrder;
  ChannelOrigins origins;
  PartitionProblem problem;
  /// Indices into problem.blocks.
  std::map<std::pair<unsigned, unsigned>, size_t> blocks;
};
} // namespace

void ProblemBuilder::addClasses() {
  for (auto [index, choice] : llvm::enumerate(inOrder.choices)) {
    PartitionProblem::Class units;
    for (const ChannelList &part : choice.partition.parts)
      units.sizes.push_back(part.size() / choice.quantum);
    units.fixed = origins.isRigid(index);
    problem.classes.push_back(std::move(units));
  }
}

std::vector<float> &ProblemBuilder::blockOf(unsigned row, unsigned column) {
  auto [it, fresh] = blocks.try_emplace({row, column}, problem.blocks.size());
  if (fresh)
    problem.blocks.push_back(
        {row, column,
         std::vector<float>(size_t(problem.classes[row].numUnits()) *
                            problem.classes[column].numUnits())});
  return problem.blocks[it->second].gains;
}

void ProblemBuilder::addWeights(ConstantOp weight, const ChannelOrigin &output,
                                const ChannelOrigin &input) {
  SmallVector<float> storage;
  const float *value = weight.getValues<float>(storage).data();
  int64_t inner = weight.getType().getNumElements() /
                  (output.units.size() * input.units.size());
  for (ChannelUnit row : output.units) {
    // Neighbours are of one class, mostly.
    float *gains = nullptr;
    unsigned columnClass = 0;
    for (ChannelUnit column : input.units) {
      float sum = 0;
      for (const float *end = value + inner; value != end; ++value)
        sum += *value * *value;
      if (!row.known() || !column.known())
        continue;
      if (!gains || unsigned(column.index) != columnClass) {
        columnClass = column.index;
        gains = blockOf(row.index, columnClass).data() +
                size_t(row.unit) * problem.classes[columnClass].numUnits();
      }
      gains[column.unit] += sum;
    }
  }
}

/// A layer that will see its own branch's channels only.
LogicalResult ProblemBuilder::addLayer(Operation *op) {
  const ChannelOrigin *input = origins.of(op->getOperand(0));
  const ChannelOrigin *output = origins.of(op->getResult(0));
  auto weight = op->getOperand(1).getDefiningOp<ConstantOp>();
  if (!input || !output || input->axis != 1)
    return success();
  if (!weight || !weight.getType().getElementType().isF32())
    return op->emitError() << describe(op)
                           << " has no constant f32 weights to compare; use "
                              "assign=contiguous, or split before quantizing";
  addWeights(weight, *output, *input);
  return success();
}

LogicalResult ProblemBuilder::build() {
  addClasses();
  for (Operation &op : func.getBody().front()) {
    auto channels = dyn_cast<ChannelOpInterface>(op);
    if (channels && channels.getChannelRole() == ChannelRole::WeightedMixer &&
        inOrder.stages.contains(&op) && failed(addLayer(&op)))
      return failure();
  }
  return success();
}

Partition ProblemBuilder::partitionOf(const Sharding::Choice &choice,
                                      ArrayRef<unsigned> parts) const {
  Partition partition;
  partition.axis = choice.partition.axis;
  partition.parts.resize(inOrder.branches);
  for (auto [unit, part] : llvm::enumerate(parts))
    partition.parts[part].append(unit * choice.quantum,
                                 (unit + 1) * choice.quantum);
  return partition;
}

ClassDivisions ProblemBuilder::divisionsOf(const PartOfUnit &parts) const {
  ClassDivisions divisions;
  for (auto [choice, list] : llvm::zip(inOrder.choices, parts))
    divisions[choice.leader] = partitionOf(choice, list);
  return divisions;
}

/// From the division by weights on, by what the network answers when it is
/// split.
FailureOr<TrialResult>
ProblemBuilder::solveByAnswers(const PartOfUnit &byWeights,
                               const SplitRequest &request) {
  if (!request.openJudge)
    return func->emitError("calibrate= cannot be used here: nothing reads and "
                           "runs inputs; use lcp-opt");
  Operation *classifier = inOrder.classifier;
  FailureOr<OutputJudge> judge =
      request.openJudge(func, classifier->getResult(0), request.calibrate);
  if (failed(judge))
    return failure();
  auto score = [&](const PartOfUnit &parts) -> std::optional<double> {
    PlanAttr plan =
        writePlan(func, shardByShares(func, request.branchShares(), classifier,
                                      divisionsOf(parts)));
    TriedPlan trial(func->getParentOfType<ModuleOp>());
    if (failed(trial.carryOut(plan)))
      return std::nullopt;
    FailureOr<double> reached =
        (*judge)(trial.getFunction(), trial.find(classifier)->getResult(0));
    return succeeded(reached) ? std::make_optional(*reached) : std::nullopt;
  };
  std::optional<TrialResult> found =
      divideByTrials(problem, byWeights, request.trials, score);
  if (!found)
    return failure();
  return std::move(*found);
}

FailureOr<ChannelAssignment>
ProblemBuilder::solve(const SplitRequest &request) {
  ChannelAssignment result;
  PartOfUnit parts = divideByGain(problem);
  if (!request.calibrate.empty() && !inOrder.stages.empty()) {
    FailureOr<TrialResult> found = solveByAnswers(parts, request);
    if (failed(found))
      return failure();
    parts = std::move(found->parts);
    result.agreement = {found->inOrder, found->best};
  }
  result.divisions = divisionsOf(parts);
  if (double total = problem.totalGain(); total > 0) {
    result.kept.contiguous = problem.keptGain(divideInOrder(problem)) / total;
    result.kept.assigned = problem.keptGain(parts) / total;
  }
  return result;
}

FailureOr<ChannelAssignment>
mlir::lcp::assignChannels(func::FuncOp func, const Sharding &inOrder,
                          const SplitRequest &request) {
  ProblemBuilder builder(func, inOrder);
  if (failed(builder.build()))
    return failure();
  return builder.solve(request);
}
