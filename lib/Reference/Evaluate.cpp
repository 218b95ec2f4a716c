//===- Evaluate.cpp - The walk over a function ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Reference/Evaluate.h"
#include "Kernels.h"
#include "llvm/ADT/TypeSwitch.h"
#include <memory>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

using Handle = std::shared_ptr<Tensor>;

FailureOr<Tensor> reference::evaluateOp(Operation *op, Operands in) {
  using Result = FailureOr<Tensor>;
  return TypeSwitch<Operation *, Result>(op)
      .Case<Conv2DOp, DenseOp, BatchNormOp, GlobalAvgPoolOp, QuantizeOp,
            DequantizeOp, RequantizeOp, ScaledSumOp, ConcatOp, SliceOp,
            TransposeOp, PadOp, ChannelShuffleOp, MergeOp>(
          [&](auto concrete) -> Result { return run(concrete, in); })
      .Case<SoftmaxOp, LRNOp>([&](auto concrete) -> Result {
        if (!in[0]->isFloat())
          return op->emitOpError("has no meaning on integers");
        return run(concrete, in);
      })
      .Case([&](ElementwiseOpInterface elementwise) {
        return runElementwise(elementwise, in);
      })
      .Case([&](WindowOpInterface pool) -> Result {
        return runPool(pool, *in[0]);
      })
      .Case<IdentityOp, DropoutOp>(
          [&](Operation *) -> Result { return Tensor(*in[0]); })
      .Case<FlattenOp, ReshapeOp>(
          [&](Operation *) -> Result { return runReshape(op, *in[0]); })
      .Case([&](ConstantOp constant) {
        return Tensor::fromRaw(constant.getType(), constant.getRawData());
      })
      .Default([](Operation *other) -> Result {
        return other->emitOpError("is not an op that the reference interpreter "
                                  "runs; only those of the lcp dialect are");
      });
}

namespace {
/// The values of one block. A value is dropped after its last use; constants
/// are widened at their first.
class Frame {
public:
  Frame(Observer observer) : observer(observer) {}

  FailureOr<SmallVector<Handle>> run(Block &block, ArrayRef<Handle> arguments);

private:
  LogicalResult runOp(Operation &op);
  LogicalResult runParallel(ParallelOp op, ArrayRef<Handle> operands);
  FailureOr<SmallVector<Handle>> operandsOf(Operation &op);
  void release(Operation &op);
  void define(Value value, Handle handle) {
    if (observer)
      observer(value, *handle);
    if (!value.use_empty())
      values[value] = {std::move(handle), numUses(value)};
  }
  static unsigned numUses(Value value) {
    return std::distance(value.use_begin(), value.use_end());
  }

  struct Entry {
    Handle handle;
    unsigned usesLeft;
  };
  DenseMap<Value, Entry> values;
  Observer observer;
};
} // namespace

FailureOr<SmallVector<Handle>> Frame::operandsOf(Operation &op) {
  SmallVector<Handle> operands;
  for (Value operand : op.getOperands()) {
    auto constant = operand.getDefiningOp<ConstantOp>();
    if (constant && !values.count(operand)) {
      FailureOr<Tensor> value = evaluateOp(constant, {});
      if (failed(value))
        return failure();
      values[operand] = {std::make_shared<Tensor>(std::move(*value)),
                         numUses(operand)};
    }
    operands.push_back(values.lookup(operand).handle);
  }
  return operands;
}

void Frame::release(Operation &op) {
  for (Value operand : op.getOperands()) {
    auto it = values.find(operand);
    if (--it->second.usesLeft == 0)
      values.erase(it);
  }
}

LogicalResult Frame::runParallel(ParallelOp op, ArrayRef<Handle> operands) {
  unsigned numShared = op.getShared().size(), branches = op.getNumBranches();
  for (unsigned branch = 0; branch < branches; ++branch) {
    SmallVector<Handle> arguments(operands.take_front(numShared));
    for (unsigned group = 0; group < op.getNumOwnGroups(); ++group)
      arguments.push_back(operands[numShared + group * branches + branch]);
    FailureOr<SmallVector<Handle>> results =
        Frame(observer).run(op.getBranches()[branch].front(), arguments);
    if (failed(results))
      return failure();
    for (auto [group, handle] : llvm::enumerate(*results))
      define(op.getBranchResult(group, branch), handle);
  }
  return success();
}

LogicalResult Frame::runOp(Operation &op) {
  if (isa<ConstantOp>(op))
    return success();
  FailureOr<SmallVector<Handle>> operands = operandsOf(op);
  if (failed(operands))
    return failure();
  if (auto parallel = dyn_cast<ParallelOp>(op)) {
    if (failed(runParallel(parallel, *operands)))
      return failure();
  } else {
    SmallVector<const Tensor *> tensors;
    for (const Handle &handle : *operands)
      tensors.push_back(handle.get());
    FailureOr<Tensor> result = evaluateOp(&op, tensors);
    if (failed(result))
      return failure();
    define(op.getResult(0), std::make_shared<Tensor>(std::move(*result)));
  }
  release(op);
  return success();
}

FailureOr<SmallVector<Handle>> Frame::run(Block &block,
                                          ArrayRef<Handle> arguments) {
  for (auto [argument, handle] :
       llvm::zip_equal(block.getArguments(), arguments))
    define(argument, handle);
  for (Operation &op : block.without_terminator())
    if (failed(runOp(op)))
      return failure();
  return operandsOf(*block.getTerminator());
}

FailureOr<SmallVector<Tensor>> reference::evaluate(func::FuncOp function,
                                                   ArrayRef<Tensor> inputs,
                                                   Observer observer) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitOpError("needs one block to be evaluated");
  ArrayRef<Type> types = function.getArgumentTypes();
  if (types.size() != inputs.size())
    return function.emitOpError("takes ")
           << types.size() << " inputs, not " << inputs.size();
  SmallVector<Handle> arguments;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (types[i] != input.type)
      return function.emitOpError("input ")
             << i << " must be " << types[i] << ", not " << input.type;
    // Borrowed: the caller's tensors outlive the run, and nothing writes here.
    arguments.emplace_back(Handle(), const_cast<Tensor *>(&input));
  }
  FailureOr<SmallVector<Handle>> results =
      Frame(observer).run(function.getBody().front(), arguments);
  if (failed(results))
    return failure();
  SmallVector<Tensor> tensors;
  for (const Handle &handle : *results)
    tensors.push_back(*handle);
  return tensors;
}
