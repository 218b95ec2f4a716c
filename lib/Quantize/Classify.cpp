//===- Classify.cpp - Which ops become integer ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Classify.h"
#include "lcp/Quantize/Quantize.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;

// A layer with weights starts an integer region by itself; the other ops only
// continue one, since converting for their sake would cost and gain nothing.
static bool startsRegion(Operation *op) { return isa<Conv2DOp, DenseOp>(op); }

static StringRef checkWeights(Value weight, Value bias, const QuantSpec &spec) {
  auto constant = weight.getDefiningOp<ConstantOp>();
  if (!constant || (bias && !bias.getDefiningOp<ConstantOp>()))
    return "its weights are not constant";
  int64_t depth =
      constant.getType().getNumElements() / constant.getType().getDimSize(0);
  if (depth > spec.maxReduction)
    return "a sum of that many products may not fit 32 bits";
  return "";
}

static StringRef checkAverage(AvgPool2DOp op, const QuantSpec &spec) {
  bool padded = llvm::any_of(op.getPads(), [](int64_t pad) { return pad; });
  if (padded && !op.getCountIncludePad())
    return "its divisor differs at the border of the image";
  if (op.getKernel()[0] * op.getKernel()[1] > spec.maxReduction)
    return "a sum of that many values may not fit 32 bits";
  return "";
}

static StringRef checkAverage(GlobalAvgPoolOp op, const QuantSpec &spec) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  return type.getDimSize(2) * type.getDimSize(3) > spec.maxReduction
             ? "a sum of that many values may not fit 32 bits"
             : "";
}

static StringRef checkSum(Operation *op) {
  return llvm::all_equal(op->getOperandTypes())
             ? ""
             : "the integer model has no broadcasting";
}

/// The form that `op` can have by itself, or None and why.
static std::pair<IntegerForm, StringRef> getOwnForm(Operation *op,
                                                    const QuantSpec &spec) {
  using Form = IntegerForm;
  auto checked = [](Form form, StringRef reason) {
    return std::make_pair(reason.empty() ? form : Form::None, reason);
  };
  if (auto reason = op->getAttrOfType<StringAttr>(kKeepFloatAttr))
    return {Form::None, reason.getValue()};
  return llvm::TypeSwitch<Operation *, std::pair<Form, StringRef>>(op)
      .Case<Conv2DOp, DenseOp>([&](auto layer) {
        return checked(Form::Accumulate,
                       checkWeights(layer.getWeight(), layer.getBias(), spec));
      })
      .Case<AvgPool2DOp, GlobalAvgPoolOp>([&](auto pool) {
        return checked(Form::Accumulate, checkAverage(pool, spec));
      })
      .Case<AddOp, SubOp>(
          [&](auto sum) { return checked(Form::Accumulate, checkSum(sum)); })
      .Case<ReluOp, ClipOp>(
          [&](auto) { return std::make_pair(Form::Clamp, ""); })
      .Case<MaxPool2DOp, FlattenOp, ReshapeOp, ConcatOp, SliceOp, TransposeOp,
            ChannelShuffleOp, IdentityOp, DropoutOp>(
          [&](auto) { return std::make_pair(Form::Move, ""); })
      .Case<PadOp>([&](PadOp pad) {
        return checked(Form::Move,
                       pad.getValue().isZero() ? "" : "its border is not zero");
      })
      .Default([](Operation *) {
        return std::make_pair(Form::None, "the integer model has no such op");
      });
}

void Classification::leaveFloat(Operation *op, StringRef reason) {
  forms[op] = IntegerForm::None;
  reasons[op] = reason;
}

// An op that continues a region needs one to continue, and all of its operands
// in reach: a constant has no scale.
void Classification::follow(Operation *op, IntegerForm form) {
  bool anyInteger = false, allArguments = true;
  for (Value operand : op->getOperands()) {
    Operation *producer = operand.getDefiningOp();
    if (producer && isa<ConstantOp>(producer))
      return leaveFloat(op, "one of its operands is a constant");
    if (isInteger(producer)) {
      anyInteger = true;
      if (rooted.contains(producer))
        rooted.insert(op);
    }
    allArguments &= !producer || isInteger(producer);
  }
  if (!anyInteger && !allArguments)
    return leaveFloat(op, "it stands between floating-point ops");
  forms[op] = form;
}

// Ops on the function's arguments become integer only if a layer with weights
// comes of it.
void Classification::pruneUnrooted(func::FuncOp function) {
  for (Operation &op : llvm::reverse(function.getBody().front())) {
    if (!isInteger(&op) || rooted.contains(&op))
      continue;
    if (llvm::none_of(op.getUsers(),
                      [&](Operation *user) { return isInteger(user); }))
      leaveFloat(&op, "it stands between floating-point ops");
  }
}

Classification::Classification(func::FuncOp function, const QuantSpec &spec) {
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    auto [form, reason] = getOwnForm(&op, spec);
    if (form == IntegerForm::None) {
      leaveFloat(&op, reason);
    } else if (startsRegion(&op)) {
      forms[&op] = form;
      rooted.insert(&op);
    } else {
      follow(&op, form);
    }
  }
  pruneUnrooted(function);
}
