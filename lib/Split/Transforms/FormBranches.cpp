//===- FormBranches.cpp - Branches recovered from structure alone ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_FORMBRANCHESPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// A concat or a tree of adds, and what it joins.
struct Join {
  Operation *root;
  SmallVector<Value> leaves;
  /// Of a sum: what is added beside the leaves, a bias.
  SmallVector<Value> constants;
  /// The adds of the tree below the root.
  SmallVector<Operation *> inner;
};

/// A join of independent branches: the ops of each, in order.
struct Branches {
  Join join;
  SmallVector<SmallVector<Operation *>> ops;
};
} // namespace

/// The leaves of the adds that end in `op`, first to last.
static void collectLeaves(AddOp op, Join &join) {
  for (Value operand : op->getOperands()) {
    auto inner = operand.getDefiningOp<AddOp>();
    if (isConstant(operand))
      join.constants.push_back(operand);
    else if (inner && inner->hasOneUse()) {
      collectLeaves(inner, join);
      join.inner.push_back(inner);
    } else
      join.leaves.push_back(operand);
  }
}

static std::optional<Join> joinAt(Operation *op) {
  Join join{op, {}, {}, {}};
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    join.leaves.assign(concat.getInputs().begin(), concat.getInputs().end());
  } else if (auto add = dyn_cast<AddOp>(op)) {
    collectLeaves(add, join);
    // What is summed has one shape; only a bias may be broadcast.
    for (Value leaf : join.leaves)
      if (leaf.getType() != op->getResult(0).getType())
        return std::nullopt;
  }
  if (join.leaves.size() < 2)
    return std::nullopt;
  return join;
}

/// The ops that `value` depends on, constants aside.
static DenseSet<Operation *> producersOf(Value value) {
  DenseSet<Operation *> found;
  SmallVector<Value> work = {value};
  while (!work.empty()) {
    Operation *op = work.pop_back_val().getDefiningOp();
    if (op && !isa<ConstantOp>(op) && found.insert(op).second)
      llvm::append_range(work, op->getOperands());
  }
  return found;
}

/// Whether what the ops make is read by themselves and the join only.
static bool isClosed(ArrayRef<Operation *> ops, const Join &join) {
  DenseSet<Operation *> readers(ops.begin(), ops.end());
  readers.insert(join.root);
  readers.insert(join.inner.begin(), join.inner.end());
  return llvm::all_of(ops, [&](Operation *op) {
    return llvm::all_of(op->getUsers(), [&](Operation *user) {
      return readers.contains(user);
    });
  });
}

/// Whether the branches do the same, channel numbers aside.
static bool areAlike(ArrayRef<SmallVector<Operation *>> branches) {
  auto names = [](ArrayRef<Operation *> ops) {
    SmallVector<StringRef> list;
    for (Operation *op : ops)
      list.push_back(op->getName().getStringRef());
    return list;
  };
  return llvm::all_of(branches, [&](ArrayRef<Operation *> ops) {
    return llvm::any_of(ops, isLayer) && names(ops) == names(branches[0]);
  });
}

/// The branches that meet in `join`, if they share no layer before it.
static std::optional<Branches> branchesOf(const Join &join, Block &block) {
  DenseMap<Operation *, unsigned> owner, readers;
  for (auto [branch, leaf] : llvm::enumerate(join.leaves))
    for (Operation *op : producersOf(leaf)) {
      owner[op] = branch;
      if (++readers[op] > 1 && isLayer(op))
        return std::nullopt;
    }
  Branches found{join, {}};
  found.ops.resize(join.leaves.size());
  for (Operation &op : block)
    if (readers.lookup(&op) == 1)
      found.ops[owner.lookup(&op)].push_back(&op);
  if (!areAlike(found.ops) ||
      !llvm::all_of(found.ops, [&](ArrayRef<Operation *> ops) {
        return isClosed(ops, join);
      }))
    return std::nullopt;
  return found;
}

static SmallVector<Value> copyBranches(const Branches &found,
                                       ParallelBuilder &builder) {
  SmallVector<Value> results;
  for (auto [branch, ops] : llvm::enumerate(found.ops)) {
    IRMapping mapping;
    OpBuilder &at = builder.at(branch);
    for (Operation *op : ops) {
      for (Value operand : op->getOperands()) {
        if (mapping.contains(operand))
          continue;
        if (isConstant(operand))
          at.clone(*operand.getDefiningOp(), mapping);
        else
          mapping.map(operand, builder.addShared(operand)[branch]);
      }
      at.clone(*op, mapping);
    }
    results.push_back(mapping.lookup(found.join.leaves[branch]));
  }
  return results;
}

/// Puts an lcp.parallel and its merge in the place of the join.
static void form(const Branches &found) {
  Operation *root = found.join.root;
  ParallelBuilder stage(root->getContext(), found.ops.size());
  stage.addResults(copyBranches(found, stage));
  OpBuilder builder(root);
  ParallelOp parallel = stage.finish(builder, root->getLoc());
  auto concat = dyn_cast<ConcatOp>(root);
  MergeKind kind = concat ? MergeKind::Concat : MergeKind::Sum;
  Value merged = builder.create<MergeOp>(
      root->getLoc(), MergeKindAttr::get(root->getContext(), kind),
      parallel.getResults(),
      builder.getI64IntegerAttr(concat ? concat.getAxis() : 1),
      DenseI64ArrayAttr());
  for (Value constant : found.join.constants)
    merged = builder.create<AddOp>(root->getLoc(), merged, constant);
  root->replaceAllUsesWith(ValueRange(merged));
  root->erase();
  for (Operation *op : llvm::reverse(found.join.inner))
    op->erase();
  for (ArrayRef<Operation *> ops : found.ops)
    for (Operation *op : llvm::reverse(ops))
      op->erase();
}

namespace {
struct FormBranches : lcp::impl::FormBranchesPassBase<FormBranches> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<func::FuncOp> func = findMain(getOperation());
    if (failed(func))
      return signalPassFailure();
    Block &block = func->getBody().front();
    if (!block.getOps<ParallelOp>().empty())
      return;
    // The last join: a sum is found before the adds inside it.
    for (Operation &op : llvm::reverse(block)) {
      std::optional<Join> join = joinAt(&op);
      std::optional<Branches> found =
          join ? branchesOf(*join, block) : std::nullopt;
      if (!found)
        continue;
      numBranches += found->ops.size();
      getOperation()->setAttr(
          kSplitAttr,
          Builder(&getContext()).getI64IntegerAttr(found->ops.size()));
      form(*found);
      return eraseDeadConstants(*func);
    }
    func->emitWarning("no branches found: no concat or sum joins alike "
                      "networks that share no layer");
  }
};
} // namespace
