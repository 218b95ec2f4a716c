//===- KeepBranches.cpp - A split model with some of its branches ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_KEEPBRANCHESPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// The number of branches of every lcp.parallel.
static FailureOr<int64_t> countBranches(func::FuncOp func) {
  int64_t count = 0;
  for (ParallelOp op : func.getBody().front().getOps<ParallelOp>()) {
    if (count && count != op.getNumBranches())
      return op.emitError("has ")
             << op.getNumBranches() << " branches where an earlier "
             << "lcp.parallel has " << count
             << ": which to keep can't be said for both";
    count = op.getNumBranches();
  }
  if (count < 2)
    return func.emitError("the model is not split: there are no branches to "
                          "choose from");
  return count;
}

static LogicalResult checkChoice(func::FuncOp func, ArrayRef<int64_t> kept,
                                 int64_t count) {
  if (kept.empty())
    return func.emitError("say which branches to keep: "
                          "lcp-keep-branches=0,2");
  for (auto [i, branch] : llvm::enumerate(kept)) {
    if (branch < 0 || branch >= count)
      return func.emitError("there is no branch ")
             << branch << " to keep; the model has 0 to " << count - 1;
    if (llvm::is_contained(kept.take_front(i), branch))
      return func.emitError("branch ") << branch << " is named twice";
  }
  return success();
}

namespace {
/// Writes a function again with some of its branches, op by op. Of values that
/// were put together from all of them, there is only a part.
class BranchFilter {
public:
  BranchFilter(func::FuncOp func, ArrayRef<int64_t> kept)
      : block(func.getBody().front()), kept(kept),
        builder(block.getTerminator()) {}
  LogicalResult run();

private:
  using Values = DenseMap<Value, BranchValue>;

  LogicalResult write(Operation &op);
  LogicalResult writeParallel(ParallelOp op);
  LogicalResult writeBranch(ParallelOp op, unsigned branch,
                            ParallelBuilder &stage,
                            SmallVector<BranchValue> &yielded);
  void writeMerge(MergeOp op);
  static LogicalResult copy(Operation &op, OpBuilder &at, Values &values);

  Block &block;
  ArrayRef<int64_t> kept;
  OpBuilder builder;
  /// What stands for each original value outside of branches.
  Values values;
};
} // namespace

/// A copy with constants of its own.
static void copyWhole(Operation &op, ArrayRef<BranchValue> operands,
                      OpBuilder &at, DenseMap<Value, BranchValue> &values) {
  IRMapping mapping;
  for (auto [old, operand] : llvm::zip_equal(op.getOperands(), operands)) {
    if (mapping.contains(old))
      continue;
    if (isConstant(old))
      at.clone(*old.getDefiningOp(), mapping);
    else
      mapping.map(old, operand.value);
  }
  Operation *copy = at.clone(op, mapping);
  for (auto [old, result] :
       llvm::zip_equal(op.getResults(), copy->getResults()))
    values[old] = {result, std::nullopt};
}

/// What there is left of `op`, which reads `values`, and adds to them.
LogicalResult BranchFilter::copy(Operation &op, OpBuilder &at, Values &values) {
  if (isa<ConstantOp>(op)) {
    values[op.getResult(0)] = {op.getResult(0), std::nullopt};
    return success();
  }
  SmallVector<BranchValue> operands;
  for (Value operand : op.getOperands())
    operands.push_back(values.lookup(operand));
  if (llvm::none_of(operands, [](const BranchValue &v) { return v.part; })) {
    copyWhole(op, operands, at, values);
    return success();
  }
  llvm::Expected<std::optional<ChannelSlice>> part = followOp(&op, operands);
  if (!part)
    return op.emitError("cannot leave out branches before ")
           << describe(&op) << ": " << llvm::toString(part.takeError());
  values[op.getResult(0)] = {narrowOp(at, &op, operands, *part, ".kept"),
                             *part};
  return success();
}

LogicalResult BranchFilter::writeBranch(ParallelOp op, unsigned index,
                                        ParallelBuilder &stage,
                                        SmallVector<BranchValue> &yielded) {
  const unsigned branch = kept[index], numShared = op.getShared().size();
  Block &body = op.getBranches()[branch].front();
  Values inside;
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber();
    if (i < numShared) {
      BranchValue shared = values.lookup(op.getShared()[i]);
      inside[argument] = {stage.addShared(shared.value)[index], shared.part};
      continue;
    }
    SmallVector<Value> group;
    for (int64_t from : kept)
      group.push_back(
          values.lookup(op.getOwnOperand(i - numShared, from)).value);
    inside[argument] = {stage.addOwn(group)[index], std::nullopt};
  }
  for (Operation &inner : body.without_terminator())
    if (failed(copy(inner, stage.at(index), inside)))
      return failure();
  for (Value value : op.getYield(branch).getOperands()) {
    BranchValue result = inside.lookup(value);
    if (result.part)
      return op.emitError("cannot leave out branches: branch ")
             << branch << " hands on what all of them made";
    if (isConstant(value))
      result.value =
          stage.at(index).clone(*value.getDefiningOp())->getResult(0);
    yielded.push_back(result);
  }
  return success();
}

LogicalResult BranchFilter::writeParallel(ParallelOp op) {
  ParallelBuilder stage(op.getContext(), kept.size());
  SmallVector<SmallVector<BranchValue>> yielded(kept.size());
  for (unsigned index = 0; index < kept.size(); ++index)
    if (failed(writeBranch(op, index, stage, yielded[index])))
      return failure();
  for (unsigned group = 0; group < op.getNumResultGroups(); ++group) {
    SmallVector<Value> results;
    for (ArrayRef<BranchValue> branch : yielded)
      results.push_back(branch[group].value);
    stage.addResults(results);
  }
  ParallelOp made = stage.finish(builder, op.getLoc(), getFirstDevice(op));
  for (unsigned group = 0; group < op.getNumResultGroups(); ++group)
    for (auto [index, branch] : llvm::enumerate(kept))
      values[op.getBranchResult(group, branch)] = {
          made.getBranchResult(group, index), std::nullopt};
  return success();
}

namespace {
/// What is left of a divided tensor.
struct Remainder {
  /// The positions of it; absent: all.
  std::optional<ChannelSlice> positions;
  /// Who holds which of those that are left, which keep their order.
  Partition division;
};
} // namespace

static Remainder keepParts(const Partition &whole, ArrayRef<int64_t> kept) {
  constexpr int64_t kGone = -1;
  // Of each position where it is among those that are left.
  std::vector<int64_t> rank(whole.size(), kGone);
  for (int64_t branch : kept)
    for (ChannelRange range : whole.parts[branch].ranges())
      std::fill(rank.begin() + range.begin, rank.begin() + range.end, 0);
  ChannelSlice left{whole.axis, {}};
  int64_t next = 0;
  for (auto [position, entry] : llvm::enumerate(rank))
    if (entry != kGone) {
      left.list.append(position, position + 1);
      entry = next++;
    }
  Remainder result;
  if (next < whole.size())
    result.positions = std::move(left);
  result.division.axis = whole.axis;
  for (int64_t branch : kept) {
    ChannelList &part = result.division.parts.emplace_back();
    for (ChannelRange range : whole.parts[branch].ranges())
      for (int64_t i = range.begin; i < range.end; ++i)
        part.append(rank[i], rank[i] + 1);
  }
  return result;
}

/// Of a sum the kept terms, of a concatenation the kept parts.
void BranchFilter::writeMerge(MergeOp op) {
  SmallVector<Value> pieces;
  for (int64_t branch : kept)
    pieces.push_back(values.lookup(op.getInputs()[branch]).value);
  if (op.getKind() == MergeKind::Sum) {
    Value sum = pieces.size() == 1 ? shareWhole(builder, op.getLoc(), pieces[0])
                                   : createSum(builder, op.getLoc(), pieces);
    values[op.getResult()] = {sum, std::nullopt};
    return;
  }
  Remainder left = keepParts(partitionOfMerge(op), kept);
  Value merged = createMerge(builder, op.getLoc(), pieces, left.division);
  values[op.getResult()] = {merged, left.positions};
}

LogicalResult BranchFilter::write(Operation &op) {
  if (auto parallel = dyn_cast<ParallelOp>(op))
    return writeParallel(parallel);
  if (auto merge = dyn_cast<MergeOp>(op)) {
    writeMerge(merge);
    return success();
  }
  return copy(op, builder, values);
}

LogicalResult BranchFilter::run() {
  SmallVector<Operation *> originals;
  for (Operation &op : block.without_terminator())
    originals.push_back(&op);
  for (BlockArgument argument : block.getArguments())
    values[argument] = {argument, std::nullopt};
  for (Operation *op : originals)
    if (failed(write(*op)))
      return failure();
  for (OpOperand &operand : block.getTerminator()->getOpOperands()) {
    BranchValue result = values.lookup(operand.get());
    if (result.part)
      return block.getParentOp()->emitError(
                 "cannot leave out branches: result ")
             << operand.getOperandNumber()
             << " of the model is what all of them made";
    operand.set(result.value);
  }
  for (Operation *op : llvm::reverse(originals))
    if (!isa<ConstantOp>(op))
      op->erase();
  return success();
}

LogicalResult mlir::lcp::keepBranches(ModuleOp module, ArrayRef<int64_t> kept) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func))
    return failure();
  FailureOr<int64_t> count = countBranches(*func);
  if (failed(count) || failed(checkChoice(*func, kept, *count)))
    return failure();
  SmallVector<int64_t> sorted(kept);
  llvm::sort(sorted);
  if (failed(BranchFilter(*func, sorted).run()))
    return failure();
  eraseDeadConstants(*func);
  // A record of other branches says nothing of these.
  if (PlanAttr plan = getPlan(module)) {
    if (plan.getBranches() == *count)
      module->setAttr(kPlanAttr, plan.keepBranches(sorted));
    else
      module->removeAttr(kPlanAttr);
  }
  // A form that was the original function no longer is.
  if (!module->hasAttr(kSplitAttr) && int64_t(sorted.size()) < *count) {
    Builder builder(module.getContext());
    module->setAttr(kSplitAttr, builder.getI64IntegerAttr(*count));
    module->setAttr(kTrainedAfterSplitAttr, builder.getBoolAttr(false));
  }
  return success();
}

namespace {
struct KeepBranches : lcp::impl::KeepBranchesPassBase<KeepBranches> {
  using Base::Base;

  // `--lcp-keep-branches=0,2` as well as `branches=0,2`.
  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    bool bare = !options.empty() && !options.contains('=');
    std::string full = (bare ? "branches=" + options : options).str();
    return Base::initializeOptions(full, errorHandler);
  }

  void runOnOperation() override {
    if (failed(keepBranches(getOperation(), *branches)))
      signalPassFailure();
  }
};
} // namespace
