//===- Outline.cpp - Cuts @main into units and merges --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Lower/OutlinedModel.h"
#include "lcp/Lower/Unit.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Walks @main once, in order. Ops outside any parallel op gather in `pending`
/// until a parallel op, a merge or the end closes their serial stage.
class Outliner {
public:
  Outliner(func::FuncOp main, OutlinedModel &model)
      : main(main), model(model) {}
  LogicalResult run();

private:
  uint32_t addValue(Value value, std::string name);
  void closeSerialStage();
  void addParallelStage(ParallelOp op);
  void addMerge(MergeOp op);
  Unit makeUnit(StringRef name, ValueRange inputs, ArrayRef<Value> arguments,
                ArrayRef<Operation *> ops, ArrayRef<Value> yielded);
  std::string stageName(unsigned branch) {
    return "s" + std::to_string(numStages) + ".b" + std::to_string(branch);
  }

  func::FuncOp main;
  OutlinedModel &model;
  DenseMap<Value, uint32_t> ids;
  SmallVector<Operation *> pending;
  unsigned numStages = 0;
};
} // namespace

uint32_t Outliner::addValue(Value value, std::string name) {
  uint32_t id = model.values.size();
  model.values.push_back(
      {std::move(name), cast<RankedTensorType>(value.getType())});
  ids[value] = id;
  return id;
}

// `inputs` are the values outside that reach `arguments` inside, one to one.
Unit Outliner::makeUnit(StringRef name, ValueRange inputs,
                        ArrayRef<Value> arguments, ArrayRef<Operation *> ops,
                        ArrayRef<Value> yielded) {
  Unit unit;
  unit.module = makeUnitModule(main.getLoc(), name, arguments, ops, yielded);
  auto function = *unit.module->getOps<func::FuncOp>().begin();
  for (auto [i, input] : llvm::enumerate(inputs)) {
    uint32_t id = ids.lookup(input);
    unit.inputs.push_back(id);
    function.setArgAttr(
        i, kNameAttr,
        StringAttr::get(main.getContext(), model.values[id].name));
  }
  unit.footprint = measureFootprint(function);
  return unit;
}

void Outliner::closeSerialStage() {
  if (pending.empty())
    return;
  Border border = findBorder(pending);
  Stage stage;
  std::string name = stageName(0);
  Unit unit =
      makeUnit(name, border.inputs, border.inputs, pending, border.outputs);
  for (auto [i, output] : llvm::enumerate(border.outputs))
    unit.outputs.push_back(addValue(
        output,
        getNodeName(output.getLoc(), name + ".r" + std::to_string(i)).str()));
  stage.units.push_back(std::move(unit));
  model.steps.emplace_back(std::move(stage));
  pending.clear();
  ++numStages;
}

void Outliner::addParallelStage(ParallelOp op) {
  Stage stage;
  stage.parallel = true;
  stage.firstDevice = getFirstDevice(op);
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    Block &body = op.getBranches()[branch].front();
    SmallVector<Value> inputs, arguments;
    for (BlockArgument argument : body.getArguments()) {
      unsigned i = argument.getArgNumber(), shared = op.getShared().size();
      // What a branch does not use is not sent to its device.
      if (argument.use_empty())
        continue;
      arguments.push_back(argument);
      inputs.push_back(i < shared ? op.getShared()[i]
                                  : op.getOwnOperand(i - shared, branch));
    }
    SmallVector<Operation *> ops;
    for (Operation &inner : body.without_terminator())
      ops.push_back(&inner);
    SmallVector<Value> yielded(op.getYield(branch).getOperands());
    stage.units.push_back(
        makeUnit(stageName(branch), inputs, arguments, ops, yielded));
  }
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    unsigned branch = i % op.getNumBranches(), group = i / op.getNumBranches();
    stage.units[branch].outputs.push_back(
        addValue(result, stageName(branch) + ".r" + std::to_string(group)));
  }
  model.split = std::max<uint32_t>(model.split, op.getNumBranches());
  model.devices = std::max<uint32_t>(model.devices,
                                     getFirstDevice(op) + op.getNumBranches());
  model.steps.emplace_back(std::move(stage));
  ++numStages;
}

void Outliner::addMerge(MergeOp op) {
  MergeStep step{op.getKind(), static_cast<int64_t>(op.getAxis()), {}, 0, {}};
  for (Value input : op.getInputs())
    step.inputs.push_back(ids.lookup(input));
  if (op.getOrder())
    step.order.assign(op.getOrder()->begin(), op.getOrder()->end());
  step.output = addValue(
      op.getResult(),
      getNodeName(op.getLoc(), "m" + std::to_string(model.values.size()))
          .str());
  model.steps.emplace_back(std::move(step));
}

LogicalResult Outliner::run() {
  for (BlockArgument argument : main.getArguments()) {
    auto name =
        main.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kNameAttr);
    model.inputs.push_back(addValue(
        argument,
        name ? name.str() : "input" + std::to_string(argument.getArgNumber())));
  }
  for (Operation &op : main.getBody().front().without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    if (!isa<LCPDialect>(op.getDialect()))
      return op.emitError("'") << op.getName() << "' is not an lcp op";
    if (auto parallel = dyn_cast<ParallelOp>(op)) {
      closeSerialStage();
      addParallelStage(parallel);
    } else if (auto merge = dyn_cast<MergeOp>(op)) {
      closeSerialStage();
      addMerge(merge);
    } else {
      pending.push_back(&op);
    }
  }
  closeSerialStage();
  for (auto [i, output] :
       llvm::enumerate(main.getBody().front().getTerminator()->getOperands())) {
    uint32_t id = ids.lookup(output);
    if (auto name = main.getResultAttrOfType<StringAttr>(i, kNameAttr))
      model.values[id].name = name.str();
    model.outputs.push_back(id);
  }
  return success();
}

// Gives a step to every value that a schedule must know but no op of a stage
// produces: a constant that a branch shares, a result that is an argument, a
// constant or another result.
static void materialiseLooseValues(func::FuncOp main) {
  auto makeIdentity = [](OpOperand &operand) {
    OpBuilder builder(operand.getOwner());
    operand.set(builder.create<IdentityOp>(
        operand.get().getLoc(), operand.get().getType(), operand.get()));
  };
  main.walk([&](ParallelOp op) {
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get().getDefiningOp<ConstantOp>())
        makeIdentity(operand);
  });
  DenseSet<Value> returned;
  Operation *terminator = main.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands()) {
    Operation *producer = operand.get().getDefiningOp();
    if (!producer || isa<ConstantOp>(producer) ||
        !returned.insert(operand.get()).second)
      makeIdentity(operand);
  }
}

FailureOr<OutlinedModel> mlir::lcp::outlineModel(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || !llvm::hasSingleElement(main.getBody()))
    return module.emitError("has no function @main of one block; import the "
                            "model with lcp-translate --import-onnx");
  for (Type type :
       llvm::concat<const Type>(main.getArgumentTypes(), main.getResultTypes()))
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        !tensor || !tensor.hasStaticShape())
      return main.emitError("@main must take and return static tensors, not ")
             << type;
  materialiseLooseValues(main);
  OutlinedModel model;
  // Some of the branches may have been dropped since.
  if (auto split = module->getAttrOfType<IntegerAttr>(kSplitAttr))
    model.split = std::clamp<int64_t>(split.getInt(), 1, UINT32_MAX);
  auto name = module->getAttrOfType<StringAttr>(kModelNameAttr);
  model.name = name ? name.str() : "model";
  auto trained = module->getAttrOfType<BoolAttr>(kTrainedAfterSplitAttr);
  model.trainedAfterSplit = !trained || trained.getValue();
  if (failed(Outliner(main, model).run()))
    return failure();
  return model;
}
