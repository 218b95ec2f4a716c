//===- ApplySharding.cpp - Writes the model-parallel form -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplySharding.h"
#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Turns a function into the form that a sharding describes, stage by stage.
class ShardingRewriter {
public:
  ShardingRewriter(func::FuncOp func, const Sharding &sharding);
  void run();

private:
  using Pieces = SmallVector<Value>;

  void emitStage(unsigned stage);
  void emitOp(Operation *op, unsigned stage, ParallelBuilder &builder);
  BranchValue read(Value operand, bool whole, unsigned branch,
                   ParallelBuilder &builder);
  Value getWhole(Value value);
  bool leavesStage(Operation *op, unsigned stage) const;

  func::FuncOp func;
  const Sharding &sharding;
  SmallVector<SmallVector<Operation *>> members;
  /// What the current stage's branches have made of original values.
  DenseMap<Value, Pieces> local;
  /// Results of finished stages, and the merges made of them.
  DenseMap<Value, Pieces> pieces;
  DenseMap<Value, Value> merged;
};
} // namespace

ShardingRewriter::ShardingRewriter(func::FuncOp func, const Sharding &sharding)
    : func(func), sharding(sharding) {
  for (Operation &op : func.getBody().front()) {
    auto it = sharding.stages.find(&op);
    if (it == sharding.stages.end())
      continue;
    if (it->second >= members.size())
      members.resize(it->second + 1);
    members[it->second].push_back(&op);
  }
}

/// The whole of an original value, at the top level.
Value ShardingRewriter::getWhole(Value value) {
  auto it = pieces.find(value);
  if (it == pieces.end())
    return value;
  Value &merge = merged[value];
  if (!merge) {
    OpBuilder builder(func.getContext());
    builder.setInsertionPointAfterValue(it->second[0]);
    auto partition = sharding.partitions.find(value);
    merge = partition == sharding.partitions.end()
                ? createSum(builder, value.getLoc(), it->second)
                : createMerge(builder, value.getLoc(), it->second,
                              partition->second);
  }
  return merge;
}

BranchValue ShardingRewriter::read(Value operand, bool whole, unsigned branch,
                                   ParallelBuilder &builder) {
  if (isConstant(operand))
    return {operand, std::nullopt};
  auto partition = sharding.partitions.find(operand);
  if (whole || partition == sharding.partitions.end())
    return {builder.addShared(getWhole(operand))[branch], std::nullopt};
  auto here = local.find(operand);
  Value value = here != local.end()
                    ? here->second[branch]
                    : builder.addOwn(pieces.find(operand)->second)[branch];
  return {value, partition->second.slice(branch)};
}

void ShardingRewriter::emitOp(Operation *op, unsigned stage,
                              ParallelBuilder &builder) {
  // A stage's layer sees everything before it; what rides sees its own part.
  bool whole = op == members[stage].front();
  bool partialSum = sharding.partialSums.contains(op);
  for (unsigned branch = 0; branch < sharding.branches; ++branch) {
    SmallVector<BranchValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(read(operand, whole, branch, builder));
    std::optional<ChannelSlice> part;
    if (!partialSum)
      part = sharding.partitions.find(op->getResult(0))->second.slice(branch);
    else if (branch > 0)
      operands.truncate(2); // the bias is added once
    local[op->getResult(0)].push_back(narrowOp(
        builder.at(branch), op, operands, part, (".b" + Twine(branch)).str()));
  }
}

bool ShardingRewriter::leavesStage(Operation *op, unsigned stage) const {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    auto it = sharding.stages.find(user);
    return it == sharding.stages.end() || it->second != stage;
  });
}

void ShardingRewriter::emitStage(unsigned stage) {
  ParallelBuilder builder(func.getContext(), sharding.branches);
  local.clear();
  SmallVector<Value> leaving;
  for (Operation *op : members[stage]) {
    emitOp(op, stage, builder);
    if (!leavesStage(op, stage))
      continue;
    builder.addResults(local[op->getResult(0)]);
    leaving.push_back(op->getResult(0));
  }
  OpBuilder at(members[stage].front());
  ParallelOp parallel = builder.finish(at, members[stage].front()->getLoc());
  for (auto [group, value] : llvm::enumerate(leaving))
    for (unsigned branch = 0; branch < sharding.branches; ++branch)
      pieces[value].push_back(parallel.getBranchResult(group, branch));
}

void ShardingRewriter::run() {
  Block &block = func.getBody().front();
  unsigned next = 0;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto it = sharding.stages.find(&op);
    if (it != sharding.stages.end()) {
      if (it->second == next)
        emitStage(next++);
      continue;
    }
    for (OpOperand &operand : op.getOpOperands())
      operand.set(getWhole(operand.get()));
  }
  for (SmallVector<Operation *> &stage : llvm::reverse(members))
    for (Operation *op : llvm::reverse(stage))
      op->erase();
  eraseDeadConstants(func);
}

void mlir::lcp::applySharding(func::FuncOp func, const Sharding &sharding) {
  ShardingRewriter(func, sharding).run();
}
