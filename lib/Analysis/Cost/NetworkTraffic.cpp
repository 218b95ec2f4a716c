//===- NetworkTraffic.cpp - What a network hands from step to step --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/NetworkTraffic.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/IR/Queries.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::ElementType;
using ::lcp::InputForm;
using ::lcp::TrafficModel;

::lcp::TensorSpec mlir::lcp::describeTensor(RankedTensorType type,
                                            std::string name) {
  ElementType element = type.getElementType().isInteger(8) ? ElementType::I8
                        : type.getElementType().isF32()    ? ElementType::F32
                                                           : ElementType::I32;
  return {std::move(name), element, std::vector<int64_t>(type.getShape())};
}

void mlir::lcp::setInputForm(TrafficModel &model, uint32_t value,
                             InputForm form) {
  if (form.kind == InputForm::Kind::Elements)
    return;
  if (form.kind == InputForm::Kind::Pixels)
    form.bytes = *::lcp::elementCount(model.values[value].shape);
  model.forms[value] = form;
}

namespace {
class Describer {
public:
  TrafficModel run(func::FuncOp main, const InputForm &input);

private:
  uint32_t numberOf(Value value, std::string name = "");
  void add(ParallelOp op);
  void add(MergeOp op);
  void addSerial(Operation &op);

  TrafficModel model;
  unsigned numStages = 0;
  DenseMap<Value, uint32_t> numbers;
};
} // namespace

/// A new one gets the name.
uint32_t Describer::numberOf(Value value, std::string name) {
  auto [found, isNew] = numbers.try_emplace(value, model.values.size());
  if (isNew)
    model.values.push_back(
        describeTensor(cast<RankedTensorType>(value.getType()), name));
  return found->second;
}

void Describer::add(ParallelOp op) {
  TrafficModel::Stage stage;
  stage.parallel = true;
  stage.firstDevice = getFirstDevice(op);
  const unsigned numShared = op.getShared().size();
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    TrafficModel::Branch &described = stage.branches.emplace_back();
    for (BlockArgument argument :
         op.getBranches()[branch].front().getArguments()) {
      const unsigned i = argument.getArgNumber();
      Value operand = i < numShared ? op.getShared()[i]
                                    : op.getOwnOperand(i - numShared, branch);
      if (!argument.use_empty() && !isConstant(operand))
        described.inputs.push_back(numberOf(operand));
    }
    for (unsigned group = 0; group < op.getNumResultGroups(); ++group)
      described.outputs.push_back(
          numberOf(op.getBranchResult(group, branch),
                   llvm::formatv("s{0}.b{1}.r{2}", numStages, branch, group)));
  }
  ++numStages;
  model.steps.push_back(std::move(stage));
}

void Describer::add(MergeOp op) {
  TrafficModel::Merge merge;
  for (Value operand : op->getOperands())
    merge.inputs.push_back(numberOf(operand));
  merge.output = numberOf(op->getResult(0));
  model.steps.push_back(std::move(merge));
}

void Describer::addSerial(Operation &op) {
  auto *stage = model.steps.empty()
                    ? nullptr
                    : std::get_if<TrafficModel::Stage>(&model.steps.back());
  if (!stage || stage->parallel) {
    stage = &std::get<TrafficModel::Stage>(
        model.steps.emplace_back(TrafficModel::Stage()));
    stage->branches.emplace_back();
    ++numStages;
  }
  TrafficModel::Branch &described = stage->branches.front();
  for (Value operand : op.getOperands())
    if (!isConstant(operand))
      described.inputs.push_back(numberOf(operand));
  for (Value result : op.getResults())
    described.outputs.push_back(numberOf(result));
}

TrafficModel Describer::run(func::FuncOp main, const InputForm &input) {
  Block &block = main.getBody().front();
  if (auto name = main->getParentOfType<ModuleOp>()->getAttrOfType<StringAttr>(
          kModelNameAttr))
    model.name = name.str();
  for (BlockArgument argument : block.getArguments()) {
    auto name =
        main.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kNameAttr);
    numberOf(argument, name ? name.str() : "input");
  }
  if (block.getNumArguments() != 0)
    setInputForm(model, /*value=*/0, input);
  for (Operation &op : block.without_terminator()) {
    if (auto parallel = dyn_cast<ParallelOp>(op))
      add(parallel);
    else if (auto merge = dyn_cast<MergeOp>(op))
      add(merge);
    else if (!isa<ConstantOp>(op))
      addSerial(op);
  }
  for (Value result : block.getTerminator()->getOperands())
    model.outputs.push_back(numberOf(result));
  return std::move(model);
}

TrafficModel mlir::lcp::describeTraffic(func::FuncOp main,
                                        const InputForm &input) {
  return Describer().run(main, input);
}
