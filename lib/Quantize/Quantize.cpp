//===- Quantize.cpp - Float functions to integer models ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/Quantize.h"
#include "Classify.h"
#include "Scales.h"
#include "Weights.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Quantize/Calibrate.h"
#include "lcp/Quantize/FixedPoint.h"
#include "lcp/Quantize/Passes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::lcp {
#define GEN_PASS_DEF_LCPQUANTIZE
#include "lcp/Quantize/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// i32 sums, before requantisation.
struct Accumulator {
  Value value;
  /// Real value of 1, for all channels or for each.
  std::vector<double> scales;
};

struct Bounds {
  int32_t min = -QuantSpec::kMaxMagnitude, max = QuantSpec::kMaxMagnitude;
};

class Quantizer {
public:
  Quantizer(func::FuncOp function, const Classification &classes,
            const Scales &scales, const QuantSpec &spec)
      : function(function), classes(classes), scales(scales), spec(spec),
        builder(function.getContext()) {}
  FailureOr<QuantizeCounts> run();

private:
  Value getInteger(Value value);
  Value getFloat(Value value);
  void connectFloat(Operation *op);
  LogicalResult convert(Operation *op);
  LogicalResult convertClamp(Operation *op);
  void convertMove(Operation *op);
  LogicalResult buildAccumulator(Operation *op, Accumulator &result);
  LogicalResult buildLayer(Operation *op, Accumulator &result);
  Value buildSum(Location loc, ValueRange operands, ArrayRef<int> signs,
                 double scale, Bounds bounds);
  FailureOr<Value> requantize(Operation *op, double scale, Bounds bounds);
  Value buildRequantize(Location loc, Value sums, ArrayRef<FixedPoint> factors,
                        Bounds bounds);
  Value buildWords(Location loc, ArrayRef<int32_t> values);
  void eraseConverted(ArrayRef<Operation *> ops);

  func::FuncOp function;
  const Classification &classes;
  const Scales &scales;
  const QuantSpec &spec;
  OpBuilder builder;
  /// From a float value to its i8 twin, and back where an integer op made it.
  DenseMap<Value, Value> integers, floats;
  DenseMap<Operation *, Accumulator> accumulators;
};
} // namespace

Value Quantizer::getInteger(Value value) {
  Value &integer = integers[value];
  if (!integer) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointAfterValue(value);
    integer = builder.create<QuantizeOp>(
        value.getLoc(), value, builder.getF32FloatAttr(scales.get(value)));
  }
  return integer;
}

Value Quantizer::getFloat(Value value) {
  if (!classes.isInteger(value.getDefiningOp()))
    return value;
  Value &floating = floats[value];
  if (!floating) {
    OpBuilder::InsertionGuard guard(builder);
    Value integer = integers.lookup(value);
    builder.setInsertionPointAfterValue(integer);
    floating = builder.create<DequantizeOp>(
        value.getLoc(), integer, builder.getF32FloatAttr(scales.get(value)));
  }
  return floating;
}

// Small vectors stay readable in the text of a module.
Value Quantizer::buildWords(Location loc, ArrayRef<int32_t> values) {
  auto type = RankedTensorType::get(values.size(), builder.getI32Type());
  if (values.size() <= 256)
    return builder.create<ConstantOp>(loc,
                                      DenseIntElementsAttr::get(type, values));
  return createConstant<int32_t>(builder, loc, type, "words", values);
}

Value Quantizer::buildRequantize(Location loc, Value sums,
                                 ArrayRef<FixedPoint> factors, Bounds bounds) {
  SmallVector<int32_t> multipliers, shifts;
  for (FixedPoint factor : factors) {
    multipliers.push_back(factor.multiplier);
    shifts.push_back(factor.shift);
  }
  Value multiplier = buildWords(loc, multipliers);
  return builder.create<RequantizeOp>(
      loc, sums, multiplier, buildWords(loc, shifts), bounds.min, bounds.max);
}

LogicalResult Quantizer::buildLayer(Operation *op, Accumulator &result) {
  auto constant = [&](Value value) {
    return value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  };
  Location loc = op->getLoc();
  auto build = [&](auto layer, auto create) -> LogicalResult {
    FailureOr<IntegerWeights> weights = quantizeWeights(
        builder, loc, constant(layer.getWeight()), constant(layer.getBias()),
        scales.get(layer.getInput()), spec);
    if (failed(weights))
      return failure();
    result.scales = std::move(weights->accumulatorScales);
    result.value = create(getInteger(layer.getInput()), *weights);
    return success();
  };
  if (auto conv = dyn_cast<Conv2DOp>(op))
    return build(conv, [&](Value input, IntegerWeights &weights) {
      return builder.create<Conv2DOp>(loc, input, weights.weight, weights.bias,
                                      conv.getStrides(), conv.getPads(),
                                      conv.getDilations(), conv.getGroups());
    });
  return build(cast<DenseOp>(op), [&](Value input, IntegerWeights &weights) {
    return builder.create<DenseOp>(loc, input, weights.weight, weights.bias);
  });
}

// The sum of signs[i] * operands[i], rounded once: see lcp.scaled_sum.
Value Quantizer::buildSum(Location loc, ValueRange operands,
                          ArrayRef<int> signs, double scale, Bounds bounds) {
  SmallVector<Value> integers;
  SmallVector<int32_t> weights;
  double largest = 0;
  for (Value operand : operands)
    largest = std::max(largest, scales.get(operand) / scale);
  int32_t shift = toFixedPoint(largest, spec).shift;
  for (auto [operand, sign] : llvm::zip_equal(operands, signs)) {
    integers.push_back(getInteger(operand));
    double weight = std::ldexp(scales.get(operand) / scale, shift);
    double limit = (1 << spec.multiplierBits) - 1;
    weights.push_back(
        sign * static_cast<int32_t>(std::min(std::nearbyint(weight), limit)));
  }
  Value sums = builder.create<ScaledSumOp>(loc, integers, weights);
  return buildRequantize(loc, sums, FixedPoint{1, shift}, bounds);
}

LogicalResult Quantizer::buildAccumulator(Operation *op, Accumulator &result) {
  Location loc = op->getLoc();
  if (auto pool = dyn_cast<AvgPool2DOp>(op)) {
    double count = pool.getKernel()[0] * pool.getKernel()[1];
    result.value = builder.create<AvgPool2DOp>(
        loc, getInteger(pool.getInput()), pool.getKernel(), pool.getStrides(),
        pool.getPads(), pool.getDilations(), pool.getCountIncludePad());
    result.scales = {scales.get(pool.getInput()) / count};
    return success();
  }
  if (auto pool = dyn_cast<GlobalAvgPoolOp>(op)) {
    auto type = cast<RankedTensorType>(pool.getInput().getType());
    double count = type.getDimSize(2) * type.getDimSize(3);
    result.value =
        builder.create<GlobalAvgPoolOp>(loc, getInteger(pool.getInput()));
    result.scales = {scales.get(pool.getInput()) / count};
    return success();
  }
  return buildLayer(op, result);
}

// The i8 form of an accumulating op at `scale`. The sums are made once, however
// many requantisations read them; only an addition's depend on the scale.
FailureOr<Value> Quantizer::requantize(Operation *op, double scale,
                                       Bounds bounds) {
  Location loc = op->getLoc();
  if (isa<AddOp, SubOp>(op)) {
    int second = isa<SubOp>(op) ? -1 : 1;
    return buildSum(loc, op->getOperands(), {1, second}, scale, bounds);
  }
  Accumulator &accumulator = accumulators[op];
  if (!accumulator.value && failed(buildAccumulator(op, accumulator)))
    return failure();
  SmallVector<FixedPoint> factors;
  for (double sumScale : accumulator.scales)
    factors.push_back(toFixedPoint(sumScale / scale, spec));
  return buildRequantize(loc, accumulator.value, factors, bounds);
}

static Bounds getBounds(Operation *op, double scale) {
  constexpr double limit = QuantSpec::kMaxMagnitude;
  auto clip = dyn_cast<ClipOp>(op);
  if (!clip)
    return {0, QuantSpec::kMaxMagnitude};
  auto bound = [&](APFloat value) {
    return static_cast<int32_t>(std::clamp(
        std::nearbyint(value.convertToFloat() / scale), -limit, limit));
  };
  return {bound(clip.getMin()), bound(clip.getMax())};
}

LogicalResult Quantizer::convertClamp(Operation *op) {
  Value operand = op->getOperand(0);
  double scale = scales.get(op->getResult(0));
  Bounds bounds = getBounds(op, scale);
  Operation *producer = operand.getDefiningOp();
  FailureOr<Value> result;
  if (producer && classes.getForm(producer) == IntegerForm::Accumulate)
    result = requantize(producer, scale, bounds);
  else
    result = buildSum(op->getLoc(), operand, {1}, scale, bounds);
  if (failed(result))
    return failure();
  integers[op->getResult(0)] = *result;
  return success();
}

void Quantizer::convertMove(Operation *op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(getInteger(operand));
  Operation *copy = builder.clone(*op);
  copy->setOperands(operands);
  copy->removeAttr(kMaxAbsAttr);
  Value result = copy->getResult(0);
  result.setType(cast<RankedTensorType>(result.getType())
                     .clone(builder.getIntegerType(8)));
  integers[op->getResult(0)] = result;
}

LogicalResult Quantizer::convert(Operation *op) {
  switch (classes.getForm(op)) {
  case IntegerForm::None:
    return success();
  case IntegerForm::Clamp:
    return convertClamp(op);
  case IntegerForm::Move:
    convertMove(op);
    return success();
  case IntegerForm::Accumulate:
    break;
  }
  // Not needed where only relu and clip read it: they requantise the sums.
  bool isRead = llvm::any_of(op->getUsers(), [&](Operation *user) {
    return classes.getForm(user) != IntegerForm::Clamp;
  });
  if (!isRead)
    return success();
  FailureOr<Value> value =
      requantize(op, scales.get(op->getResult(0)), Bounds());
  if (failed(value))
    return failure();
  integers[op->getResult(0)] = *value;
  return success();
}

void Quantizer::connectFloat(Operation *op) {
  for (OpOperand &operand : op->getOpOperands())
    operand.set(getFloat(operand.get()));
  if (!isa<func::ReturnOp>(op))
    op->setAttr(kKeepFloatAttr, builder.getStringAttr(classes.getReason(op)));
}

void Quantizer::eraseConverted(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (classes.isInteger(op))
      op->erase();
  for (auto constant : llvm::make_early_inc_range(
           function.getBody().front().getOps<ConstantOp>()))
    if (constant->use_empty())
      constant.erase();
}

FailureOr<QuantizeCounts> Quantizer::run() {
  QuantizeCounts counts;
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().front())
    if (!isa<ConstantOp>(op))
      ops.push_back(&op);
  for (Operation *op : ops) {
    builder.setInsertionPoint(op);
    if (!classes.isInteger(op)) {
      connectFloat(op);
      counts.floatOps += !isa<func::ReturnOp>(op);
      continue;
    }
    if (failed(convert(op)))
      return failure();
    ++counts.integerOps;
  }
  eraseConverted(ops);
  return counts;
}

FailureOr<QuantizeCounts> mlir::lcp::quantize(func::FuncOp function,
                                              const QuantSpec &spec) {
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitError("must have one block to be quantised");
  for (Operation &op : function.getBody().front())
    if (op.getNumRegions())
      return op.emitError("cannot stand in a function that is quantised; "
                          "quantise its branches apart");
  Classification classes(function, spec);
  FailureOr<Scales> scales = Scales::create(function, classes);
  if (failed(scales))
    return failure();
  return Quantizer(function, classes, *scales, spec).run();
}

namespace {
struct QuantizePass : lcp::impl::LCPQuantizeBase<QuantizePass> {
  using LCPQuantizeBase::LCPQuantizeBase;

  void runOnOperation() override {
    QuantSpec spec;
    spec.maxReduction = maxReduction;
    spec.multiplierBits = multiplierBits;
    spec.maxShift = maxShift;
    FailureOr<QuantizeCounts> counts = quantize(getOperation(), spec);
    if (failed(counts))
      return signalPassFailure();
    integerOps = counts->integerOps;
    floatOps = counts->floatOps;
  }
};
} // namespace
