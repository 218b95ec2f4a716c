//===- RemoveNonBranchConnections.cpp - Each branch its own channels ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuseStages.h"
#include "MergeClassifier.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"
#include "lcp/Split/Transforms/Rewrites.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_REMOVENONBRANCHCONNECTIONSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Rebuilds a function: for each level the ops outside branches, then
/// one lcp.parallel.
class BranchRewriter {
public:
  BranchRewriter(func::FuncOp func, const StageFusion &fusion)
      : func(func), fusion(fusion), groups(fusion.groups.size()) {}
  void run();

private:
  struct Group {
    /// In the branches of the level that is being built.
    SmallVector<Value> local;
    /// Once it is finished.
    SmallVector<Value> results;
    Value merge;
    /// What is dealt to each branch, when the level is finished.
    SmallVector<Value> dealt;
  };

  void emitLevel(unsigned level);
  void emitParallel(ParallelOp op, ParallelBuilder &builder);
  void emitRegion(ParallelOp op, unsigned branch,
                  SmallVector<BranchValue> arguments, ParallelBuilder &builder);
  void emitSunk(Operation *op, ParallelBuilder &builder);
  SmallVector<unsigned> emitPieces(unsigned group, const Deal &deal,
                                   ParallelBuilder &builder);
  void emitDealt(unsigned group, const Deal &deal, ArrayRef<unsigned> pieces,
                 ParallelOp parallel);
  Value readOwn(unsigned group, unsigned branch, ParallelBuilder &builder);
  BranchValue readShared(Operation *reader, Value operand, unsigned branch,
                         ParallelBuilder &builder);
  void moveOutside(Operation *op);
  Value getWhole(Value value);

  func::FuncOp func;
  const StageFusion &fusion;
  std::vector<Group> groups;
  SmallVector<Operation *> dead;
};
} // namespace

/// The whole of an original top-level value, where the function ends so far.
Value BranchRewriter::getWhole(Value value) {
  auto it = fusion.groupOf.find(value);
  if (it == fusion.groupOf.end())
    return value;
  Group &group = groups[it->second];
  if (!group.merge) {
    OpBuilder builder(func.getBody().front().getTerminator());
    group.merge = createMerge(builder, value.getLoc(), group.results,
                              fusion.groups[it->second].partition);
  }
  return group.merge;
}

Value BranchRewriter::readOwn(unsigned index, unsigned branch,
                              ParallelBuilder &builder) {
  Group &group = groups[index];
  return group.results.empty() ? group.local[branch]
                               : builder.addOwn(group.results)[branch];
}

BranchValue BranchRewriter::readShared(Operation *reader, Value operand,
                                       unsigned branch,
                                       ParallelBuilder &builder) {
  if (isConstant(operand))
    return {operand, std::nullopt};
  auto group = fusion.groupOf.find(operand);
  if (group != fusion.groupOf.end() && fusion.dealtTo.contains(reader))
    return {builder.addShared(groups[group->second].dealt[branch])[branch],
            dealChannels(fusion.groups[group->second].partition)
                ->readers.slice(branch)};
  if (group != fusion.groupOf.end() && fusion.narrowed.contains(reader))
    return {readOwn(group->second, branch, builder),
            fusion.groups[group->second].partition.slice(branch)};
  Value whole = builder.addShared(getWhole(operand))[branch];
  auto label = fusion.labels.find(operand);
  if (label == fusion.labels.end() || isa<ParallelOp>(reader))
    return {whole, std::nullopt};
  ChannelSlice part = label->second.slice(branch);
  return {sliceValue(builder.at(branch), reader->getLoc(), whole, part), part};
}

void BranchRewriter::emitRegion(ParallelOp op, unsigned branch,
                                SmallVector<BranchValue> arguments,
                                ParallelBuilder &builder) {
  Block &body = op.getBranches()[branch].front();
  DenseMap<Value, BranchValue> values;
  for (auto [argument, value] : llvm::zip(body.getArguments(), arguments))
    values[argument] = value;
  std::string suffix = (".b" + Twine(branch)).str();
  for (Operation &inner : body.without_terminator()) {
    if (isa<ConstantOp>(inner)) {
      values[inner.getResult(0)] = {inner.getResult(0), std::nullopt};
      continue;
    }
    SmallVector<BranchValue> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(values.lookup(operand));
    BranchValue result;
    result.part = llvm::cantFail(followOp(&inner, operands)); // planned so
    result.value =
        narrowOp(builder.at(branch), &inner, operands, result.part, suffix);
    values[inner.getResult(0)] = result;
  }
  for (auto [index, operand] :
       llvm::enumerate(op.getYield(branch).getOperands())) {
    Value yielded = values.lookup(operand).value;
    if (isConstant(operand))
      yielded =
          builder.at(branch).clone(*operand.getDefiningOp())->getResult(0);
    groups[fusion.groupOf.lookup(op.getBranchResult(index, 0))].local.push_back(
        yielded);
  }
}

void BranchRewriter::emitParallel(ParallelOp op, ParallelBuilder &builder) {
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    SmallVector<BranchValue> arguments;
    for (Value operand : op.getShared())
      arguments.push_back(readShared(op, operand, branch, builder));
    for (unsigned index = 0; index < op.getNumOwnGroups(); ++index) {
      unsigned group = fusion.groupOf.lookup(op.getOwnOperand(index, 0));
      arguments.push_back({readOwn(group, branch, builder), std::nullopt});
    }
    emitRegion(op, branch, arguments, builder);
  }
  dead.push_back(op);
}

/// A copy in each branch of an op that was outside.
void BranchRewriter::emitSunk(Operation *op, ParallelBuilder &builder) {
  unsigned index = fusion.groupOf.lookup(op->getResult(0));
  for (unsigned branch = 0; branch < builder.getNumBranches(); ++branch) {
    SmallVector<BranchValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(readShared(op, operand, branch, builder));
    groups[index].local.push_back(
        narrowOp(builder.at(branch), op, operands,
                 fusion.groups[index].partition.slice(branch),
                 (".b" + Twine(branch)).str()));
  }
  dead.push_back(op);
}

void BranchRewriter::moveOutside(Operation *op) {
  if (isa<MergeOp>(op)) {
    op->setOperands(groups[fusion.groupOf.lookup(op->getOperand(0))].results);
  } else {
    for (OpOperand &operand : op->getOpOperands())
      operand.set(getWhole(operand.get()));
  }
  op->moveBefore(func.getBody().front().getTerminator());
}

/// In every branch, the pieces of its part for each branch; the numbers of the
/// result groups that they become.
SmallVector<unsigned> BranchRewriter::emitPieces(unsigned index,
                                                 const Deal &deal,
                                                 ParallelBuilder &builder) {
  SmallVector<unsigned> numbers;
  for (unsigned to = 0; to < fusion.branches; ++to) {
    SmallVector<Value> pieces;
    for (unsigned from = 0; from < fusion.branches; ++from) {
      Value whole = groups[index].local[from];
      ChannelRange range = deal.pieces[from][to];
      pieces.push_back(
          sliceValue(builder.at(from), whole.getLoc(), whole,
                     {deal.readers.axis, ChannelList(range.begin, range.end)}));
    }
    numbers.push_back(builder.addResults(pieces));
  }
  return numbers;
}

/// Puts together what each branch is dealt.
void BranchRewriter::emitDealt(unsigned index, const Deal &deal,
                               ArrayRef<unsigned> pieces, ParallelOp parallel) {
  OpBuilder builder(func.getBody().front().getTerminator());
  StringRef name = getNodeName(groups[index].local[0].getLoc(), "joined");
  for (auto [to, number] : llvm::enumerate(pieces)) {
    SmallVector<Value> parts;
    for (unsigned from = 0; from < fusion.branches; ++from)
      parts.push_back(parallel.getBranchResult(number, from));
    Location loc = NameLoc::get(
        builder.getStringAttr(name + ".dealt" + Twine(to)), parallel.getLoc());
    groups[index].dealt.push_back(builder.create<MergeOp>(
        loc, MergeKindAttr::get(builder.getContext(), MergeKind::Concat), parts,
        builder.getI64IntegerAttr(deal.readers.axis), DenseI64ArrayAttr()));
  }
}

void BranchRewriter::emitLevel(unsigned level) {
  for (Operation *op : fusion.outside[level])
    moveOutside(op);
  if (level >= fusion.stages.size())
    return;
  ParallelBuilder builder(func.getContext(), fusion.branches);
  for (Operation *op : fusion.stages[level]) {
    if (auto parallel = dyn_cast<ParallelOp>(op))
      emitParallel(parallel, builder);
    else
      emitSunk(op, builder);
  }
  SmallVector<unsigned> leaving;
  for (auto [index, group] : llvm::enumerate(fusion.groups)) {
    if (group.stage != level || !group.leaves)
      continue;
    builder.addResults(groups[index].local);
    leaving.push_back(index);
  }
  SmallVector<std::pair<unsigned, SmallVector<unsigned>>> dealt;
  for (auto [index, group] : llvm::enumerate(fusion.groups))
    if (group.stage == level && group.dealt)
      dealt.emplace_back(
          index, emitPieces(index, *dealChannels(group.partition), builder));
  OpBuilder at(func.getBody().front().getTerminator());
  ParallelOp parallel =
      builder.finish(at, fusion.stages[level].front()->getLoc());
  for (auto [number, index] : llvm::enumerate(leaving))
    for (unsigned branch = 0; branch < fusion.branches; ++branch)
      groups[index].results.push_back(parallel.getBranchResult(number, branch));
  for (auto &[index, pieces] : dealt)
    emitDealt(index, *dealChannels(fusion.groups[index].partition), pieces,
              parallel);
}

void BranchRewriter::run() {
  Block &block = func.getBody().front();
  for (unsigned level = 0; level < fusion.outside.size(); ++level)
    emitLevel(level);
  for (OpOperand &operand : block.getTerminator()->getOpOperands())
    operand.set(getWhole(operand.get()));
  // Backwards, so that what only dead ops read is dead when it is met.
  DenseSet<Operation *> replaced(dead.begin(), dead.end());
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (replaced.contains(&op) || (isa<MergeOp>(op) && op.use_empty()))
      op.erase();
}

/// Whether all joins are kept whole: it is the original function still.
static bool keepsAll(func::FuncOp func, PlanAttr plan) {
  return plan.getJoinKind() == JoinKind::Whole &&
         llvm::all_of(llvm::seq(1u, countJoins(func) + 1),
                      [&](unsigned join) { return plan.keepsJoin(join); });
}

LogicalResult mlir::lcp::removeNonBranchConnections(ModuleOp module,
                                                    PlanAttr plan) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func) || failed(checkStages(*func, plan)))
    return failure();
  bool exact = keepsAll(*func, plan);
  StageFusion fusion = fuseStages(*func, plan);
  BranchRewriter(*func, fusion).run();
  if (failed(mergeIntoClassifier(*func, plan.getMerge())))
    return failure();
  eraseDeadConstants(*func);
  if (exact)
    return success();
  Builder builder(module.getContext());
  module->setAttr(kSplitAttr, builder.getI64IntegerAttr(fusion.branches));
  module->setAttr(kTrainedAfterSplitAttr, builder.getBoolAttr(false));
  return success();
}

namespace {
struct RemoveNonBranchConnections
    : lcp::impl::RemoveNonBranchConnectionsPassBase<
          RemoveNonBranchConnections> {
  using Base::Base;

  void runOnOperation() override {
    PlanAttr plan = getPlan(getOperation());
    if (failed(removeNonBranchConnections(getOperation(), plan)))
      return signalPassFailure();
    getOperation().walk([&](ParallelOp) { ++numStages; });
  }
};
} // namespace
