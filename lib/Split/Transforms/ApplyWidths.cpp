//===- ApplyWidths.cpp - The form that a plan of widths describes ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Transforms/ApplyWidths.h"
#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Turns a function into the form that a plan describes, stage by stage.
class WidthsRewriter {
public:
  WidthsRewriter(func::FuncOp func, const WidthPlan &plan);
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
  const WidthPlan &plan;
  SmallVector<SmallVector<Operation *>> members;
  /// What the current stage's branches have made of original values.
  DenseMap<Value, Pieces> local;
  /// Results of finished stages, and the merges made of them.
  DenseMap<Value, Pieces> pieces;
  DenseMap<Value, Value> merged;
};
} // namespace

WidthsRewriter::WidthsRewriter(func::FuncOp func, const WidthPlan &plan)
    : func(func), plan(plan) {
  for (Operation &op : func.getBody().front()) {
    auto it = plan.stages.find(&op);
    if (it == plan.stages.end())
      continue;
    if (it->second >= members.size())
      members.resize(it->second + 1);
    members[it->second].push_back(&op);
  }
}

/// The whole of an original value, at the top level.
Value WidthsRewriter::getWhole(Value value) {
  auto it = pieces.find(value);
  if (it == pieces.end())
    return value;
  Value &merge = merged[value];
  if (!merge) {
    OpBuilder builder(func.getContext());
    builder.setInsertionPointAfterValue(it->second[0]);
    auto partition = plan.partitions.find(value);
    merge = partition == plan.partitions.end()
                ? createSum(builder, value.getLoc(), it->second)
                : createMerge(builder, value.getLoc(), it->second,
                              partition->second);
  }
  return merge;
}

BranchValue WidthsRewriter::read(Value operand, bool whole, unsigned branch,
                                 ParallelBuilder &builder) {
  if (isConstant(operand))
    return {operand, std::nullopt};
  auto partition = plan.partitions.find(operand);
  if (whole || partition == plan.partitions.end())
    return {builder.addShared(getWhole(operand))[branch], std::nullopt};
  auto here = local.find(operand);
  Value value = here != local.end()
                    ? here->second[branch]
                    : builder.addOwn(pieces.find(operand)->second)[branch];
  return {value, partition->second.slice(branch)};
}

void WidthsRewriter::emitOp(Operation *op, unsigned stage,
                            ParallelBuilder &builder) {
  // A stage's layer sees everything before it; what rides sees its own part.
  bool whole = op == members[stage].front();
  bool row = plan.rows.contains(op);
  for (unsigned branch = 0; branch < plan.branches; ++branch) {
    SmallVector<BranchValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(read(operand, whole, branch, builder));
    std::optional<ChannelSlice> part;
    if (!row)
      part = plan.partitions.find(op->getResult(0))->second.slice(branch);
    else if (branch > 0)
      operands.truncate(2); // the bias is added once
    local[op->getResult(0)].push_back(narrowOp(
        builder.at(branch), op, operands, part, (".b" + Twine(branch)).str()));
  }
}

bool WidthsRewriter::leavesStage(Operation *op, unsigned stage) const {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    auto it = plan.stages.find(user);
    return it == plan.stages.end() || it->second != stage;
  });
}

void WidthsRewriter::emitStage(unsigned stage) {
  ParallelBuilder builder(func.getContext(), plan.branches);
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
    for (unsigned branch = 0; branch < plan.branches; ++branch)
      pieces[value].push_back(parallel.getBranchResult(group, branch));
}

void WidthsRewriter::run() {
  Block &block = func.getBody().front();
  unsigned next = 0;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto it = plan.stages.find(&op);
    if (it != plan.stages.end()) {
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

void mlir::lcp::applyWidths(func::FuncOp func, const WidthPlan &plan) {
  WidthsRewriter(func, plan).run();
}
