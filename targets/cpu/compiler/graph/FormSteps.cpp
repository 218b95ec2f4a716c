//===- FormSteps.cpp - Outline each layer as a function -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/dialect/Step.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_FORMSTEPS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

using Step = SmallVector<Operation *, 4>;

/// Whether `op` can be applied to the elements of `operand` as they are made.
bool canFuse(Operation *op, Value operand) {
  auto from = getTensorType(operand), to = getTensorType(op->getResult(0));
  return operand.hasOneUse() && from.getShape() == to.getShape() &&
         getLayout(operand).block == getLayout(op->getResult(0)).block;
}

/// The step that `op` can join: a convolution or dense layer before any other,
/// since joining saves those a pass over memory.
Step *findProducer(Operation *op,
                   llvm::MapVector<Operation *, Step> &openSteps) {
  Step *found = nullptr;
  if (!isElementwise(op))
    return found;
  for (Value operand : op->getOperands()) {
    auto it = openSteps.find(operand.getDefiningOp());
    if (it == openSteps.end() || !canFuse(op, operand))
      continue;
    Operation *root = it->second.front();
    if (isa<Conv2DOp, DenseOp>(root))
      return &it->second;
    if (isElementwise(root) && !found)
      found = &it->second;
  }
  return found;
}

/// Every op of the block in its step, steps in the order of their last ops.
SmallVector<Step> groupOps(Block &block) {
  llvm::MapVector<Operation *, Step> openSteps; // by last op
  for (Operation &op : block) {
    if (isa<ConstantOp, func::ReturnOp>(op) || isRename(&op))
      continue;
    Step step;
    if (Step *producer = findProducer(&op, openSteps)) {
      step = std::move(*producer);
      openSteps[step.back()].clear();
    }
    step.push_back(&op);
    openSteps[&op] = std::move(step);
  }
  SmallVector<Step> steps;
  for (auto &[last, step] : openSteps)
    if (!step.empty())
      steps.push_back(std::move(step));
  return steps;
}

/// The type as which `op` reads operand `i`.
RankedTensorType getViewType(Operation *op, unsigned i) {
  Value operand = op->getOperand(i);
  auto type = getTensorType(operand);
  if (isa<DenseOp>(op) && i == 0) {
    Value storage = getStorage(operand);
    bool permuted = !isRowMajor(getTensorType(storage), getLayout(storage));
    return permuted ? getTensorType(storage) : type;
  }
  if (!isa<RequantizeOp>(op) || i == 0)
    return type;
  SmallVector<int64_t> shape(getTensorType(op->getResult(0)).getRank() - 1, 1);
  shape[0] = type.getNumElements();
  return RankedTensorType::get(shape, type.getElementType());
}

Layout getOperandLayout(Operation *op, unsigned i) {
  Value operand = op->getOperand(i);
  if (!isConstant(operand)) {
    Value storage = getStorage(operand);
    if (storage == operand)
      return getLayout(operand);
    bool permuted = !isRowMajor(getTensorType(storage), getLayout(storage));
    return isa<DenseOp>(op) && permuted ? getLayout(storage) : Layout();
  }
  // Constants are packed in the blocks of what they meet.
  Layout layout;
  auto type = getViewType(op, i);
  Layout result = getLayout(op->getResult(0));
  int64_t rank = type.getRank();
  if ((isElementwise(op) || isa<ConcatOp>(op)) && result.block > 1 &&
      rank >= 3 && type.getDimSize(rank - 3) != 1)
    layout.block = result.block;
  return layout;
}

std::string getStepName(const Step &step) {
  std::string name;
  for (Operation *op : step)
    name += (name.empty() ? "" : "_") + op->getName().stripDialect().str();
  return name;
}

/// A private function of the step's ops; its arguments are `inputs`.
func::FuncOp outline(const Step &step, SmallVectorImpl<Value> &inputs) {
  MLIRContext *context = step.front()->getContext();
  Operation *last = step.back();
  llvm::MapVector<Value, std::pair<Operation *, unsigned>> operands;
  llvm::SmallPtrSet<Operation *, 8> inside(step.begin(), step.end());
  for (Operation *op : step)
    for (auto [i, operand] : llvm::enumerate(op->getOperands()))
      if (!inside.contains(operand.getDefiningOp()))
        operands.insert({operand, {op, unsigned(i)}});
  for (auto &entry : operands)
    inputs.push_back(entry.first);

  OpBuilder b(context);
  auto type =
      b.getFunctionType(ValueRange(inputs).getTypes(), last->getResultTypes());
  auto function = func::FuncOp::create(UnknownLoc::get(context), "step", type);
  function.setPrivate();
  b.setInsertionPointToStart(function.addEntryBlock());
  IRMapping mapping;
  for (auto [i, entry] : llvm::enumerate(operands)) {
    auto [op, number] = entry.second;
    mapping.map(entry.first, function.getArgument(i));
    RankedTensorType view = getViewType(op, number);
    if (view != entry.first.getType())
      function.setArgAttr(i, kViewAttr, TypeAttr::get(view));
    if (Layout layout = getOperandLayout(op, number); !layout.isPlain())
      function.setArgAttr(i, kLayoutAttr, toAttribute(context, layout));
  }
  for (Operation *op : step)
    b.clone(*op, mapping)->removeAttr(kLayoutAttr);
  if (Layout layout = getLayout(last->getResult(0)); !layout.isPlain())
    function.setResultAttr(0, kLayoutAttr, toAttribute(context, layout));
  b.create<func::ReturnOp>(function.getLoc(),
                           mapping.lookup(last->getResult(0)));
  return function;
}

/// Of values in i8: whether none can be negative. What moves values leaves them
/// so.
bool isNonNegative(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto requantize = dyn_cast_or_null<RequantizeOp>(op))
    return static_cast<int32_t>(requantize.getMin()) >= 0;
  return op &&
         isa<MaxPool2DOp, ConcatOp, SliceOp, TransposeOp, FlattenOp, ReshapeOp,
             ConvertLayoutOp>(op) &&
         llvm::all_of(op->getOperands(), isNonNegative);
}

/// Whether x * m, plus half a unit of what is shifted out, is exact in a double
/// for every x of 32 bits.
bool fitsDouble(RequantizeOp op) {
  constexpr int32_t kMost = 1 << 20;
  auto within = [](Value value, int32_t low, int32_t high) {
    auto constant = value.getDefiningOp<ConstantOp>();
    SmallVector<int32_t> storage;
    return constant &&
           llvm::all_of(constant.getValues<int32_t>(storage),
                        [&](int32_t v) { return v >= low && v <= high; });
  };
  return within(op.getMultiplier(), -kMost, kMost) &&
         within(op.getShift(), 1, 62);
}

/// What a step could not find out from its own ops.
void writeFacts(Operation &op) {
  auto unit = UnitAttr::get(op.getContext());
  if (isa<Conv2DOp, DenseOp>(op) && isNonNegative(op.getOperand(0)))
    op.setAttr(kNonNegativeAttr, unit);
  if (auto requantize = dyn_cast<RequantizeOp>(op);
      requantize && fitsDouble(requantize))
    op.setAttr(kFitsDoubleAttr, unit);
}

struct FormStepsPass : impl::FormStepsBase<FormStepsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>()))
      if (function.isPublic() && !function.isExternal())
        if (failed(formSteps(function, symbols)))
          return signalPassFailure();
  }

  LogicalResult formSteps(func::FuncOp function, SymbolTable &symbols) {
    Block &block = function.getBody().front();
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (op.use_empty() && !isa<func::ReturnOp>(op))
        op.erase();
    for (Operation &op : block)
      if (failed(check(op)))
        return failure();
    for (Operation &op : block)
      writeFacts(op);
    for (Step &step : groupOps(block))
      replaceByCall(step, symbols);
    return success();
  }

  LogicalResult check(Operation &op) {
    if (failed(checkHasLayout(&op)))
      return failure();
    if (isa<Conv2DOp, DenseOp>(op))
      for (Value weight : op.getOperands().drop_front())
        if (!isConstant(weight))
          return op.emitOpError("needs constant weights to be compiled");
    return success();
  }

  void replaceByCall(const Step &step, SymbolTable &symbols) {
    SmallVector<Value> inputs;
    func::FuncOp function = outline(step, inputs);
    std::string key;
    llvm::raw_string_ostream os(key);
    function.print(os);
    auto [it, isNew] = functions.try_emplace(key, function);
    if (isNew) {
      function.setName(getStepName(step));
      symbols.insert(function);
      ++numFunctions;
    } else {
      function.erase();
    }
    Operation *last = step.back();
    OpBuilder b(last);
    auto call =
        b.create<func::CallOp>(step.front()->getLoc(), it->second, inputs);
    setLayout(call, getLayout(last->getResult(0)));
    last->replaceAllUsesWith(call);
    for (Operation *op : llvm::reverse(step))
      op->erase();
    ++numSteps;
  }

  llvm::StringMap<func::FuncOp> functions;
};

} // namespace
} // namespace mlir::lcp::cpu
