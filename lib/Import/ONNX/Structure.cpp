//===- Structure.cpp - Branches recorded in an ONNX file ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The work is done on a clone of the function, which replaces the original only
// if it verifies: names in a file prove nothing.
//
//===----------------------------------------------------------------------===//

#include "Structure.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Import/ONNX/Role.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <map>

using namespace mlir;
using namespace mlir::lcp;

namespace {

std::optional<ONNXRole> parseRole(Location loc) {
  return parseONNXRole(getNodeName(loc));
}

using Ops = SmallVector<Operation *>;

/// One parallel stage: its ops by branch, and the ops that merge its results.
struct StageOps {
  unsigned firstDevice = 0;
  std::map<unsigned, Ops> branches;
  std::map<unsigned, Ops> merges;
};

class StageBuilder {
public:
  StageBuilder(StageOps &stage) : stage(stage), count(stage.branches.size()) {}
  LogicalResult run();

private:
  LogicalResult collectOperands();
  LogicalResult collectExits();
  bool inBranch(Operation *op, unsigned branch) const {
    auto found = branchOf.find(op);
    return found != branchOf.end() && found->second == branch;
  }
  void createParallel();
  void fillBranch(unsigned branch, Block *block);
  LogicalResult createMerge(Ops &ops);
  bool isGroup(OperandRange operands);

  StageOps &stage;
  unsigned count;
  DenseMap<Operation *, unsigned> branchOf;
  SetVector<Value> shared;
  SetVector<std::pair<Operation *, unsigned>> own; // parallel op, result group
  SmallVector<SmallVector<Value>> exits;           // a branch, in order
  ParallelOp parallel;
};

bool isConstant(Value value) {
  return isa_and_nonnull<ConstantOp>(value.getDefiningOp());
}

/// Sorts what the branches read into shared values and own groups.
LogicalResult StageBuilder::collectOperands() {
  for (auto &[branch, ops] : stage.branches)
    for (Operation *op : ops)
      for (Value operand : op->getOperands()) {
        Operation *def = operand.getDefiningOp();
        if (isConstant(operand) || (def && inBranch(def, branch)))
          continue;
        if (def && branchOf.contains(def))
          return failure(); // of another branch of this stage
        auto producer = dyn_cast_or_null<ParallelOp>(def);
        if (!producer) {
          shared.insert(operand);
          continue;
        }
        unsigned number = cast<OpResult>(operand).getResultNumber();
        if (producer.getNumBranches() != count || number % count != branch)
          return failure();
        own.insert({producer, number / count});
      }
  return success();
}

/// Results that leave their branch; the k-th of each form a group.
LogicalResult StageBuilder::collectExits() {
  exits.resize(count);
  for (auto &[branch, ops] : stage.branches)
    for (Operation *op : ops)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&, b = branch](Operation *user) {
              return !inBranch(user, b);
            }))
          exits[branch].push_back(result);
  return success(llvm::all_of(
      exits, [&](auto &values) { return values.size() == exits[0].size(); }));
}

void StageBuilder::createParallel() {
  Operation *first = stage.branches[0].front();
  OpBuilder builder(first);
  SmallVector<Value> owned;
  for (auto [producer, group] : own)
    for (unsigned branch = 0; branch < count; ++branch)
      owned.push_back(
          cast<ParallelOp>(producer).getBranchResult(group, branch));
  SmallVector<Type> types;
  for (size_t k = 0; k < exits[0].size(); ++k)
    for (unsigned branch = 0; branch < count; ++branch)
      types.push_back(exits[branch][k].getType());
  Location loc = first->getParentOp()->getLoc();
  parallel = builder.create<ParallelOp>(loc, types, shared.getArrayRef(), owned,
                                        count);
  setFirstDevice(parallel, stage.firstDevice);
  for (unsigned branch = 0; branch < count; ++branch) {
    Block *block = &parallel.getBranches()[branch].emplaceBlock();
    for (Value value : shared)
      block->addArgument(value.getType(), value.getLoc());
    for (unsigned group = 0; group < own.size(); ++group) {
      Value value = owned[group * count + branch];
      block->addArgument(value.getType(), value.getLoc());
    }
    fillBranch(branch, block);
  }
}

/// Moves a branch's ops into its region, with its own copies of constants.
void StageBuilder::fillBranch(unsigned branch, Block *block) {
  DenseMap<Value, Value> inner;
  for (auto [i, value] : llvm::enumerate(shared))
    inner[value] = block->getArgument(i);
  for (auto [i, group] : llvm::enumerate(own))
    inner[cast<ParallelOp>(group.first).getBranchResult(group.second, branch)] =
        block->getArgument(shared.size() + i);
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  auto withoutPrefix = [&](Operation *op) {
    if (auto role = parseRole(op->getLoc()))
      op->setLoc(NameLoc::get(builder.getStringAttr(role->name)));
  };
  for (Operation *op : stage.branches[branch]) {
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.get();
      Value &mapped = inner[value];
      if (!mapped && isConstant(value)) {
        Operation *copy = builder.clone(*value.getDefiningOp());
        withoutPrefix(copy);
        mapped = copy->getResult(0);
      }
      if (mapped)
        operand.set(mapped);
    }
    op->moveBefore(block, block->end());
    withoutPrefix(op);
  }
  builder.create<YieldOp>(parallel.getLoc(), exits[branch]);
  for (auto [k, value] : llvm::enumerate(exits[branch])) {
    Value result = parallel.getBranchResult(k, branch);
    value.replaceUsesWithIf(result, [&](OpOperand &use) {
      return use.getOwner()->getBlock() != block;
    });
  }
}

/// Whether the operands are one group of the stage's results.
bool StageBuilder::isGroup(OperandRange operands) {
  if (operands.size() != count || operands[0].getDefiningOp() != parallel)
    return false;
  unsigned first = cast<OpResult>(operands[0]).getResultNumber();
  for (auto [i, operand] : llvm::enumerate(operands))
    if (first % count != 0 || operand != parallel.getResult(first + i))
      return false;
  return true;
}

/// The operands of a chain of additions that `op` ends, leftmost first.
static SmallVector<Value> addends(Operation *op, ArrayRef<Operation *> chain) {
  SmallVector<Value> values;
  while (isa_and_nonnull<AddOp>(op) && llvm::is_contained(chain, op)) {
    values.push_back(op->getOperand(1));
    Value left = op->getOperand(0);
    op = left.getDefiningOp();
    if (!isa_and_nonnull<AddOp>(op) || !llvm::is_contained(chain, op))
      values.push_back(left);
  }
  std::reverse(values.begin(), values.end());
  return values;
}

/// Positions of `joined` that a concatenation of its slices puts in order.
static FailureOr<SmallVector<int64_t>> orderOf(Operation *last, Value joined,
                                               int64_t axis) {
  auto concat = dyn_cast<ConcatOp>(last);
  if (!concat || static_cast<int64_t>(concat.getAxis()) != axis)
    return failure();
  SmallVector<int64_t> order;
  for (Value part : concat.getInputs()) {
    auto slice = part.getDefiningOp<SliceOp>();
    if (!slice || slice.getInput() != joined ||
        static_cast<int64_t>(slice.getAxis()) != axis)
      return failure();
    for (int64_t i = slice.getBegin(), end = slice.getEnd(); i < end; ++i)
      order.push_back(i);
  }
  return order;
}

LogicalResult StageBuilder::createMerge(Ops &ops) {
  Operation *last = ops.back();
  OpBuilder builder(last);
  // The join's own name: an order is added behind it.
  ONNXRole role = *parseRole(ops.front()->getLoc());
  auto loc = NameLoc::get(builder.getStringAttr(role.name));
  SmallVector<Value> inputs;
  MergeKind kind = role.kind == "sum" ? MergeKind::Sum : MergeKind::Concat;
  int64_t axis = 1;
  DenseI64ArrayAttr order;
  if (kind == MergeKind::Sum) {
    inputs = addends(last, ops);
  } else {
    auto joined = llvm::find_if(ops, [&](Operation *op) {
      return isa<ConcatOp>(op) && isGroup(op->getOperands());
    });
    if (joined == ops.end())
      return failure();
    axis = cast<ConcatOp>(*joined).getAxis();
    inputs = SmallVector<Value>((*joined)->getOperands());
    if (*joined != last) {
      auto found = orderOf(last, (*joined)->getResult(0), axis);
      if (failed(found))
        return failure();
      order = builder.getDenseI64ArrayAttr(*found);
    }
  }
  auto merge = builder.create<MergeOp>(loc, last->getResult(0).getType(), kind,
                                       inputs, axis, order);
  last->getResult(0).replaceAllUsesWith(merge.getResult());
  for (Operation *op : llvm::reverse(ops)) {
    if (!op->use_empty())
      return failure();
    op->erase();
  }
  return success();
}

LogicalResult StageBuilder::run() {
  if (count == 0 || stage.branches.rbegin()->first != count - 1)
    return failure();
  for (auto &[branch, ops] : stage.branches)
    for (Operation *op : ops)
      branchOf[op] = branch;
  if (failed(collectOperands()) || failed(collectExits()))
    return failure();
  createParallel();
  for (auto &[group, ops] : stage.merges)
    if (failed(createMerge(ops)))
      return failure();
  return success();
}

/// From "0,1,2", one for each stage in order.
LogicalResult setFirstDevices(std::map<unsigned, StageOps> &stages,
                              StringRef list) {
  SmallVector<StringRef> devices;
  list.split(devices, ',');
  if (list.empty() || devices.size() != stages.size())
    return success(list.empty());
  for (auto [device, entry] : llvm::zip_equal(devices, stages))
    if (device.getAsInteger(10, entry.second.firstDevice))
      return failure();
  return success();
}

LogicalResult rebuild(func::FuncOp main, StringRef firstDevices) {
  Block &block = main.getBody().front();
  std::map<unsigned, StageOps> stages;
  for (Operation &op : block) {
    if (isa<ConstantOp>(op))
      continue;
    auto role = parseRole(op.getLoc());
    if (!role)
      continue;
    StageOps &stage = stages[role->stage];
    (role->kind == "b" ? stage.branches : stage.merges)[role->index].push_back(
        &op);
  }
  if (stages.empty() || failed(setFirstDevices(stages, firstDevices)))
    return failure();
  for (auto &[number, stage] : stages)
    if (failed(StageBuilder(stage).run()))
      return failure();
  for (Operation &op : llvm::make_early_inc_range(block))
    if (isa<ConstantOp>(op) && op.use_empty())
      op.erase();
  sortTopologically(&block);
  return mlir::verify(main);
}

} // namespace

void mlir::lcp::rebuildBranches(func::FuncOp main, StringRef firstDevices,
                                StringRef path) {
  OwningOpRef<func::FuncOp> copy = cast<func::FuncOp>(main->clone());
  bool fits;
  {
    ScopedDiagnosticHandler silence(main.getContext(),
                                    [](Diagnostic &) { return success(); });
    fits = succeeded(rebuild(*copy, firstDevices));
  }
  if (fits) {
    main.getBody().takeBody(copy->getBody());
    return;
  }
  // A half-built clone may hold uses across its blocks.
  copy->getBody().walk([](Operation *op) { op->dropAllReferences(); });
  mlir::emitWarning(UnknownLoc::get(main.getContext()))
      << path
      << ": its nodes' names do not give the branches of the split that its "
         "metadata records; imported as one network (lcp-form-branches may "
         "recover them)";
}
