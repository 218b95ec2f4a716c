//===- SplitLayers.cpp - A pipeline: stages of whole layers ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BalanceStages.h"
#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/Factor.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Sharding/ParallelBuilder.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_SPLITLAYERSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// The ops that stages are made of, in order.
static SmallVector<Operation *> opsOf(Block &block) {
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    if (!isa<ConstantOp>(op))
      ops.push_back(&op);
  return ops;
}

static OpChain makeChain(ArrayRef<Operation *> ops, Operation *terminator) {
  OpChain chain;
  DenseMap<Value, unsigned> numbers;
  auto numberOf = [&](Value value) {
    auto [entry, isNew] = numbers.try_emplace(value, chain.values.size());
    if (isNew)
      chain.values.emplace_back().bytes =
          getByteSize(cast<RankedTensorType>(value.getType()));
    return entry->second;
  };
  for (auto [index, op] : llvm::enumerate(ops)) {
    OpChain::Op entry{measureFootprint(op).macs, isLayer(op), {}, {}};
    for (Value operand : op->getOperands()) {
      if (isConstant(operand))
        continue;
      unsigned value = numberOf(operand);
      chain.values[value].lastReader = index;
      if (!llvm::is_contained(entry.reads, value))
        entry.reads.push_back(value);
    }
    for (Value result : op->getResults()) {
      entry.makes.push_back(numberOf(result));
      chain.values[entry.makes.back()].producer = index;
    }
    chain.ops.push_back(std::move(entry));
  }
  for (Value result : terminator->getOperands())
    if (auto found = numbers.find(result); found != numbers.end())
      chain.values[found->second].lastReader = ops.size();
  return chain;
}

namespace {
/// Moves runs of ops, in order, into stages of one branch.
class StageWriter {
public:
  StageWriter(Block &block, IRMapping &whole) : block(block), whole(whole) {}
  void write(ArrayRef<Operation *> ops, unsigned device);

private:
  void read(Value operand, ParallelBuilder &stage, IRMapping &inside);

  Block &block;
  /// What stands for an original value outside of stages.
  IRMapping &whole;
};
} // namespace

/// Makes an operand known inside the stage.
void StageWriter::read(Value operand, ParallelBuilder &stage,
                       IRMapping &inside) {
  if (inside.contains(operand))
    return;
  if (isConstant(operand))
    stage.at(0).clone(*operand.getDefiningOp(), inside);
  else
    inside.map(operand, stage.addShared(whole.lookupOrDefault(operand))[0]);
}

void StageWriter::write(ArrayRef<Operation *> ops, unsigned device) {
  ParallelBuilder stage(block.getParentOp()->getContext(), 1);
  IRMapping inside;
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      read(operand, stage, inside);
    stage.at(0).clone(*op, inside);
  }
  DenseSet<Operation *> own(ops.begin(), ops.end());
  SmallVector<Value> leaving;
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !own.contains(user); })) {
        leaving.push_back(result);
        stage.addResults(inside.lookup(result));
      }
  OpBuilder at(block.getTerminator());
  ParallelOp parallel = stage.finish(at, ops.front()->getLoc(), device);
  for (auto [value, result] : llvm::zip_equal(leaving, parallel.getResults()))
    whole.map(value, shareWhole(at, value.getLoc(), result));
}

LogicalResult mlir::lcp::splitLayers(ModuleOp module, int64_t stages) {
  FailureOr<func::FuncOp> func = findWholeMain(module);
  if (failed(func) || failed(checkFactor(*func, stages, "stages")))
    return failure();
  Block &block = func->getBody().front();
  SmallVector<Operation *> ops = opsOf(block);
  int64_t layers = llvm::count_if(ops, isLayer);
  if (layers < stages)
    return func->emitError("cannot cut the network into ")
           << stages << " stages of at least one layer: it has " << layers;
  std::vector<unsigned> first =
      balanceStages(makeChain(ops, block.getTerminator()), stages);
  IRMapping whole;
  StageWriter writer(block, whole);
  // Uses decide what leaves a stage, so the originals go last.
  for (unsigned stage = 0; stage < first.size(); ++stage) {
    unsigned end = stage + 1 < first.size() ? first[stage + 1] : ops.size();
    writer.write(ArrayRef(ops).slice(first[stage], end - first[stage]), stage);
  }
  for (OpOperand &operand : block.getTerminator()->getOpOperands())
    operand.set(whole.lookupOrDefault(operand.get()));
  for (Operation *op : llvm::reverse(ops))
    op->erase();
  eraseDeadConstants(*func);
  return success();
}

namespace {
struct SplitLayers : lcp::impl::SplitLayersPassBase<SplitLayers> {
  using Base::Base;

  // `--lcp-split-layers=4` as well as `factor=4`.
  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    return Base::initializeOptions(expandFactor(options), errorHandler);
  }

  void runOnOperation() override {
    if (failed(splitLayers(getOperation(), factor)))
      return signalPassFailure();
    numStages += factor;
    getOperation().walk([&](MergeOp) { ++numValues; });
  }
};
} // namespace
