//===- FuseStages.cpp - Which merges can go, and what fuses ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuseStages.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Split/Sharding/ExtractShard.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
class StageFuser {
public:
  StageFuser(func::FuncOp func, PlanAttr plan) : func(func), plan(plan) {
    fusion.branches = plan.getBranches();
  }
  StageFusion run();

private:
  void findValuesOfLayers();
  void fuse(ParallelOp op);
  void replace(MergeOp op);
  void placeOutside(Operation *op);
  enum class Reads { Own, Dealt, Whole };
  Reads chooseReads(ParallelOp op);
  llvm::Error checkNarrow(ParallelOp op, Reads reads);
  llvm::Error checkNarrowBranch(ParallelOp op, unsigned branch, Reads reads);
  bool mixesAtKeptJoin(Operation *op) const;
  bool sink(Operation *op);
  const StageFusion::Group *groupOf(Value value) const;
  const Partition *partOf(Value value) const;
  unsigned levelOf(Value value) const;
  unsigned stageFor(Operation *op, ValueRange operands, bool narrow) const;
  void markReads(Operation *op, ValueRange operands, bool narrow,
                 unsigned stage);
  void place(SmallVector<SmallVector<Operation *>> &list, unsigned level,
             Operation *op);

  func::FuncOp func;
  PlanAttr plan;
  LayerDepths depths;
  StageFusion fusion;
  /// Values on which some later layer depends.
  DenseSet<Value> feedsLayer;
  /// Stages before a value that is computed outside; 0 if not there.
  DenseMap<Value, unsigned> levels;
};
} // namespace

void StageFuser::findValuesOfLayers() {
  for (Operation &op : llvm::reverse(func.getBody().front()))
    if (isLayer(&op) || isa<ParallelOp>(op) ||
        llvm::any_of(op.getResults(),
                     [&](Value v) { return feedsLayer.contains(v); }))
      feedsLayer.insert(op.operand_begin(), op.operand_end());
}

const StageFusion::Group *StageFuser::groupOf(Value value) const {
  auto it = fusion.groupOf.find(value);
  return it == fusion.groupOf.end() ? nullptr : &fusion.groups[it->second];
}

/// How `value` is or, computed outside, would be divided.
const Partition *StageFuser::partOf(Value value) const {
  if (const StageFusion::Group *group = groupOf(value))
    return &group->partition;
  auto it = fusion.labels.find(value);
  return it == fusion.labels.end() ? nullptr : &it->second;
}

/// Fused stages before the whole of `value` is there.
unsigned StageFuser::levelOf(Value value) const {
  const StageFusion::Group *group = groupOf(value);
  return group ? group->stage + 1 : levels.lookup(value);
}

/// The earliest stage for an op that reads `operands`, by parts where it can
/// if `narrow`.
unsigned StageFuser::stageFor(Operation *op, ValueRange operands,
                              bool narrow) const {
  unsigned stage = 0;
  for (Value operand : operands) {
    const StageFusion::Group *group = groupOf(operand);
    stage = std::max(stage, group && narrow ? group->stage : levelOf(operand));
  }
  return stage;
}

void StageFuser::markReads(Operation *op, ValueRange operands, bool narrow,
                           unsigned stage) {
  for (Value operand : operands) {
    auto it = fusion.groupOf.find(operand);
    if (it == fusion.groupOf.end())
      continue;
    StageFusion::Group &group = fusion.groups[it->second];
    group.leaves |= !narrow || group.stage != stage;
    if (narrow && !isa<ParallelOp>(operand.getDefiningOp()))
      fusion.narrowed.insert(op);
  }
}

void StageFuser::place(SmallVector<SmallVector<Operation *>> &list,
                       unsigned level, Operation *op) {
  if (level >= list.size())
    list.resize(level + 1);
  list[level].push_back(op);
}

/// What keeps a branch from making all of its results when it sees its own
/// parts of merged values only.
llvm::Error StageFuser::checkNarrowBranch(ParallelOp op, unsigned branch,
                                          Reads reads) {
  Block &body = op.getBranches()[branch].front();
  DenseMap<Value, BranchValue> values;
  for (auto [argument, operand] :
       llvm::zip(body.getArguments(), op.getShared()))
    if (const StageFusion::Group *group = groupOf(operand)) {
      values[argument] = {argument, group->partition.slice(branch)};
      if (reads == Reads::Dealt)
        values[argument].part =
            dealChannels(group->partition)->readers.slice(branch);
    }
  for (Operation &inner : body.without_terminator()) {
    SmallVector<BranchValue> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(values.lookup(operand));
    llvm::Expected<std::optional<ChannelSlice>> slice =
        followOp(&inner, operands);
    if (!slice)
      return slice.takeError();
    if (*slice)
      values[inner.getResult(0)] = {inner.getResult(0), *slice};
  }
  for (Value yielded : op.getYield(branch).getOperands())
    if (values.lookup(yielded).part)
      return llvm::createStringError("a branch would yield less than before");
  return llvm::Error::success();
}

llvm::Error StageFuser::checkNarrow(ParallelOp op, Reads reads) {
  if (reads == Reads::Dealt)
    for (Value operand : op.getShared())
      if (const StageFusion::Group *group = groupOf(operand);
          group && !dealChannels(group->partition))
        return llvm::createStringError(
            "too few channels to deal from every branch to every other");
  for (unsigned branch = 0; branch < fusion.branches; ++branch)
    if (llvm::Error error = checkNarrowBranch(op, branch, reads))
      return error;
  return llvm::Error::success();
}

/// What the branches of `op` shall see of the merged values it reads.
StageFuser::Reads StageFuser::chooseReads(ParallelOp op) {
  unsigned depth = 0;
  for (Value operand : op.getShared())
    if (groupOf(operand))
      depth = std::max(depth, depths.of(operand));
  bool kept = plan.keepsJoin(depth);
  if (kept && plan.getJoinKind() == JoinKind::Whole)
    return Reads::Whole;
  Reads reads = kept ? Reads::Dealt : Reads::Own;
  llvm::Error error = checkNarrow(op, reads);
  if (!error)
    return reads;
  op.emitRemark("reads merged values still: ")
      << llvm::toString(std::move(error));
  return Reads::Whole;
}

void StageFuser::fuse(ParallelOp op) {
  Reads reads = chooseReads(op);
  bool narrow = reads == Reads::Own;
  SmallVector<Value> own;
  for (unsigned group = 0; group < op.getNumOwnGroups(); ++group)
    own.push_back(op.getOwnOperand(group, 0));
  unsigned stage = std::max(stageFor(op, op.getShared(), narrow),
                            stageFor(op, own, /*narrow=*/true));
  if (reads == Reads::Dealt) {
    fusion.dealtTo.insert(op);
    for (Value operand : op.getShared())
      if (auto it = fusion.groupOf.find(operand); it != fusion.groupOf.end())
        fusion.groups[it->second].dealt = true;
  } else {
    markReads(op, op.getShared(), narrow, stage);
  }
  markReads(op, own, /*narrow=*/true, stage);
  for (unsigned group = 0; group < op.getNumResultGroups(); ++group) {
    fusion.groupOf[op.getBranchResult(group, 0)] = fusion.groups.size();
    fusion.groups.push_back({Partition(), stage});
  }
  place(fusion.stages, stage, op);
}

void StageFuser::replace(MergeOp op) {
  unsigned index = fusion.groupOf.lookup(op.getInputs()[0]);
  StageFusion::Group &group = fusion.groups[index];
  if (op.getKind() == MergeKind::Concat) {
    Partition partition = partitionOfMerge(op);
    if (group.partition.parts.empty())
      group.partition = partition;
    if (group.partition == partition) {
      fusion.groupOf[op.getResult()] = index;
      return;
    }
  }
  group.leaves = true;
  levels[op.getResult()] = group.stage + 1;
  place(fusion.outside, group.stage + 1, op);
}

/// Whether `op` mixes all channels, without weights, before a kept join.
bool StageFuser::mixesAtKeptJoin(Operation *op) const {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  return channels &&
         channels.getChannelRole() == ChannelRole::WeightlessMixer &&
         plan.getJoinKind() == JoinKind::Whole &&
         plan.keepsJoin(depths.of(op->getOperands()));
}

/// Lets each branch compute its part of an op outside, if that can be.
bool StageFuser::sink(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if ((channels && channels.getChannelRole() == ChannelRole::WeightedMixer) ||
      op->getNumResults() != 1 || !feedsLayer.contains(op->getResult(0)) ||
      llvm::none_of(op->getOperands(), [&](Value v) { return partOf(v); }))
    return false;
  bool merged =
      llvm::any_of(op->getOperands(), [&](Value v) { return groupOf(v); });
  llvm::Expected<Partition> partition =
      followPartitions(op, fusion.branches, [&](Value operand) {
        const Partition *part = partOf(operand);
        return part ? std::make_optional(*part) : std::nullopt;
      });
  if (!partition) {
    std::string why = llvm::toString(partition.takeError());
    if (merged)
      op->emitRemark() << describe(op) << " joins the branches: " << why;
    return false;
  }
  if (!merged || mixesAtKeptJoin(op)) {
    fusion.labels[op->getResult(0)] = std::move(*partition);
    return false;
  }
  unsigned stage = stageFor(op, op->getOperands(), /*narrow=*/true);
  markReads(op, op->getOperands(), /*narrow=*/true, stage);
  fusion.groupOf[op->getResult(0)] = fusion.groups.size();
  fusion.groups.push_back({std::move(*partition), stage});
  place(fusion.stages, stage, op);
  return true;
}

void StageFuser::placeOutside(Operation *op) {
  if (sink(op))
    return;
  unsigned level = stageFor(op, op->getOperands(), /*narrow=*/false);
  markReads(op, op->getOperands(), /*narrow=*/false, level);
  for (Value result : op->getResults())
    levels[result] = level;
  place(fusion.outside, level, op);
}

StageFusion StageFuser::run() {
  findValuesOfLayers();
  for (Operation &op : func.getBody().front()) {
    depths.add(&op);
    if (auto parallel = dyn_cast<ParallelOp>(op))
      fuse(parallel);
    else if (auto merge = dyn_cast<MergeOp>(op))
      replace(merge);
    else if (isa<func::ReturnOp>(op))
      markReads(&op, op.getOperands(), /*narrow=*/false, 0);
    else if (!isa<ConstantOp>(op))
      placeOutside(&op);
  }
  fusion.outside.resize(std::max(fusion.outside.size(), fusion.stages.size()));
  return std::move(fusion);
}

LogicalResult mlir::lcp::checkStages(func::FuncOp func, PlanAttr plan) {
  unsigned branches = 0;
  for (ParallelOp op : func.getBody().front().getOps<ParallelOp>()) {
    if (branches && branches != op.getNumBranches())
      return op.emitError("has ")
             << op.getNumBranches() << " branches where an earlier "
             << "lcp.parallel has " << branches;
    branches = op.getNumBranches();
    if (int64_t device = getFirstDevice(op))
      return op.emitOpError("begins at device ")
             << device
             << ": stages on devices of their own have no connections between "
                "branches to remove";
  }
  if (!branches)
    return func.emitError("there is no lcp.parallel; run lcp-split-widths "
                          "first");
  if (!plan)
    return func.emitError("there is no lcp.plan that says what to remove; run "
                          "lcp-plan-split first");
  for (LayerShardsAttr layer : plan.getLayers())
    if (layer.getPartialSum())
      return func.emitError("the plan has partial sums, of '")
             << layer.getLayer()
             << "' (cut=column-row), which need the connections between "
                "branches; stop after lcp-split-widths";
  if (plan.getBranches() != branches)
    return func.emitError("the plan is for ")
           << plan.getBranches() << " branches, and there are " << branches;
  return success();
}

StageFusion mlir::lcp::fuseStages(func::FuncOp func, PlanAttr plan) {
  return StageFuser(func, plan).run();
}
