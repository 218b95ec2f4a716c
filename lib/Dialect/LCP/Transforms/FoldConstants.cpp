//===- FoldConstants.cpp - Compute what depends on constants only -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Reference/Evaluate.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

namespace {
struct FoldConstants : lcp::impl::FoldConstantsBase<FoldConstants> {
  void runOnOperation() override;

private:
  bool isKnown(Value value) const {
    return known.count(value) || value.getDefiningOp<ConstantOp>();
  }
  bool isFoldable(Operation *op) const;
  LogicalResult fold(Operation *op);
  void materialize(Operation *op);

  DenseMap<Value, Tensor> known;
};
} // namespace

bool FoldConstants::isFoldable(Operation *op) const {
  return isa<LCPDialect>(op->getDialect()) && op->getNumRegions() == 0 &&
         op->getNumResults() == 1 && op->getNumOperands() > 0 &&
         !isa<MergeOp>(op) &&
         llvm::all_of(op->getOperands(), [&](Value v) { return isKnown(v); });
}

LogicalResult FoldConstants::fold(Operation *op) {
  SmallVector<Tensor, 4> constants;
  constants.reserve(op->getNumOperands());
  SmallVector<const Tensor *> operands;
  for (Value operand : op->getOperands()) {
    auto it = known.find(operand);
    if (it == known.end()) {
      auto value = reference::evaluateOp(operand.getDefiningOp(), {});
      if (failed(value))
        return failure();
      constants.push_back(std::move(*value));
    }
    operands.push_back(it == known.end() ? &constants.back() : &it->second);
  }
  FailureOr<Tensor> result = reference::evaluateOp(op, operands);
  if (failed(result))
    return failure();
  known[op->getResult(0)] = std::move(*result);
  return success();
}

void FoldConstants::materialize(Operation *op) {
  const Tensor &value = known.find(op->getResult(0))->second;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(
      getByteSize(value.type), /*align=*/64, /*dataIsMutable=*/true);
  value.writeRaw(blob.getMutableData());
  OpBuilder builder(op);
  auto constant = createConstant(builder, op->getLoc(), value.type, "folded",
                                 std::move(blob));
  op->getResult(0).replaceAllUsesWith(constant);
}

void FoldConstants::runOnOperation() {
  known.clear();
  SmallVector<Operation *> folded;
  WalkResult walked = getOperation().walk([&](Operation *op) {
    if (!isFoldable(op))
      return WalkResult::advance();
    if (failed(fold(op)))
      return WalkResult::interrupt();
    folded.push_back(op);
    ++numFolded;
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return signalPassFailure();
  // From the last to the first: by then only ops that stay use a value.
  for (Operation *op : llvm::reverse(folded)) {
    if (!op->use_empty())
      materialize(op);
    SmallVector<Operation *> producers;
    for (Value operand : op->getOperands())
      if (operand.getDefiningOp<ConstantOp>())
        producers.push_back(operand.getDefiningOp());
    op->erase();
    eraseIfUnused(producers);
  }
  known.clear();
}
