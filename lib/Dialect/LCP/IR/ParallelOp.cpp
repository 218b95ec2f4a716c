//===- ParallelOp.cpp - lcp.parallel and lcp.merge: the method's structure ===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/FirstDevice.h"

using namespace mlir;
using namespace mlir::lcp;

YieldOp ParallelOp::getYield(unsigned branch) {
  return cast<YieldOp>(getBranches()[branch].front().getTerminator());
}

static LogicalResult verifyBranch(ParallelOp op, unsigned branch) {
  Block &body = op.getBranches()[branch].front();
  unsigned numShared = op.getShared().size();
  if (body.getNumArguments() != numShared + op.getNumOwnGroups())
    return op.emitOpError("branch ")
           << branch << " has " << body.getNumArguments() << " arguments, but "
           << numShared << " shared and " << op.getNumOwnGroups()
           << " own values reach it (C2)";
  for (BlockArgument arg : body.getArguments()) {
    unsigned i = arg.getArgNumber();
    Value operand = i < numShared ? op.getShared()[i]
                                  : op.getOwnOperand(i - numShared, branch);
    if (arg.getType() != operand.getType())
      return op.emitOpError("branch ")
             << branch << " takes argument " << i << " as " << arg.getType()
             << ", but the operand is " << operand.getType() << " (C2)";
  }
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getNumOperands() != op.getNumResultGroups())
    return op.emitOpError("branch ")
           << branch << " must yield " << op.getNumResultGroups()
           << " values (C3)";
  for (auto [group, value] : llvm::enumerate(yield.getOperands()))
    if (value.getType() != op.getBranchResult(group, branch).getType())
      return op.emitOpError("branch ")
             << branch << " yields " << value.getType() << " where "
             << op.getBranchResult(group, branch).getType()
             << " is expected (C3)";
  return success();
}

// A result that any op could read would be a connection between branches that
// no merge shows.
static LogicalResult verifyUses(ParallelOp op) {
  for (OpOperand &use : op->getUses()) {
    auto parallel = dyn_cast<ParallelOp>(use.getOwner());
    bool own =
        parallel && use.getOperandNumber() >= parallel.getShared().size();
    if (!own && !isa<MergeOp>(use.getOwner()))
      return op.emitOpError("result ")
             << cast<OpResult>(use.get()).getResultNumber()
             << " is one branch's: only lcp.merge, or the own operand of a "
                "later lcp.parallel, may use it, not '"
             << use.getOwner()->getName() << "' (C5)";
  }
  return success();
}

// What a bundle's loader accepts as well.
static constexpr int64_t kMaxDevices = 4096;

static LogicalResult verifyDevices(ParallelOp op) {
  Attribute attribute = op->getAttr(kFirstDeviceAttr);
  auto number = dyn_cast_or_null<IntegerAttr>(attribute);
  if (attribute && (!number || !number.getType().isInteger(64)))
    return op.emitOpError() << kFirstDeviceAttr << " must be an i64 (C6)";
  int64_t first = getFirstDevice(op), branches = op.getNumBranches();
  if (first < 0 || first > kMaxDevices - branches)
    return op.emitOpError("its ")
           << branches << " branches from device " << first
           << " on need devices beyond 0 to " << kMaxDevices - 1 << " (C6)";
  return success();
}

LogicalResult ParallelOp::verify() {
  unsigned branches = getNumBranches();
  if (branches == 0)
    return emitOpError("needs at least one branch (C1)");
  if (getOwn().size() % branches || getResults().size() % branches)
    return emitOpError("own operands and results must come in groups of ")
           << branches << " (C1)";
  if (failed(verifyDevices(*this)))
    return failure();
  for (unsigned branch = 0; branch < branches; ++branch)
    if (failed(verifyBranch(*this, branch)))
      return failure();
  for (auto [index, value] : llvm::enumerate(getOwn())) {
    auto producer = value.getDefiningOp<ParallelOp>();
    if (!producer || producer.getNumBranches() != branches ||
        getFirstDevice(producer) != getFirstDevice(*this) ||
        cast<OpResult>(value).getResultNumber() % branches != index % branches)
      return emitOpError("own operand ")
             << index << " must be a result for branch " << index % branches
             << " of an earlier lcp.parallel with " << branches
             << " branches on the same devices (C4)";
  }
  return verifyUses(*this);
}

LogicalResult MergeOp::verify() {
  auto first = getInputs()[0].getDefiningOp<ParallelOp>();
  unsigned branches = first ? first.getNumBranches() : 0;
  bool wholeGroup = first && getInputs().size() == branches;
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    if (!wholeGroup || input.getDefiningOp() != first)
      return emitOpError("operands must be all the results of one group of one "
                         "lcp.parallel, in branch order (C1)");
    unsigned number = cast<OpResult>(input).getResultNumber();
    unsigned base = cast<OpResult>(getInputs()[0]).getResultNumber();
    if (base % branches || number != base + i)
      return emitOpError("operands must be all the results of one group of one "
                         "lcp.parallel, in branch order (C1)");
  }
  return success();
}
