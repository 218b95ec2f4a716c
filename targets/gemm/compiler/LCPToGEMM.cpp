//===- LCPToGEMM.cpp - The ops of an integer function as commands --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "targets/gemm/compiler/FeatureMap.h"
#include "targets/gemm/compiler/GEMMDialect.h"
#include "targets/gemm/compiler/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_CONVERTLCPTOGEMM
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

namespace {
class Converter {
public:
  explicit Converter(func::FuncOp function)
      : function(function), builder(function.getContext()) {}
  LogicalResult run();

private:
  LogicalResult convert(Operation *op);
  LogicalResult convertQuantize(QuantizeOp op);
  LogicalResult convertRequantize(RequantizeOp op);
  LogicalResult convertLayer(RequantizeOp op, Value input, Value weight,
                             Value bias, ArrayRef<int64_t> strides,
                             ArrayRef<int64_t> pads,
                             ArrayRef<int64_t> dilations, int64_t groups);
  LogicalResult convertSumPool(RequantizeOp op, Value input,
                               ArrayRef<int64_t> kernel,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> pads,
                               ArrayRef<int64_t> dilations);
  LogicalResult convertSum(RequantizeOp op, ScaledSumOp sum);
  LogicalResult convertMaxPool(MaxPool2DOp op);
  LogicalResult convertReshape(Operation *op);
  LogicalResult convertConcat(ConcatOp op);
  LogicalResult convertSlice(SliceOp op);
  void convertReturn(func::ReturnOp op);

  Value getMap(Value value);
  MapShape getShape(Value value);
  Value makeAlloc(Location loc, const MapShape &shape);
  Value makeResult(RequantizeOp op);
  Value takeChannels(Location loc, Value map, int64_t first, int64_t count);
  Value store(Value value, FloatAttr scale);

  func::FuncOp function;
  OpBuilder builder;
  DenseMap<Value, Value> maps;
};
} // namespace

// A tensor of i8 that crosses into the function is loaded as it is.
Value Converter::getMap(Value value) {
  Value &map = maps[value];
  if (!map) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    MemRefType type = getMapShape(value)->getType(builder.getContext());
    map = builder.create<LoadOp>(value.getLoc(), type, value, FloatAttr(),
                                 IntegerAttr());
  }
  return map;
}

MapShape Converter::getShape(Value value) {
  ArrayRef<int64_t> shape =
      cast<MemRefType>(getMap(value).getType()).getShape();
  return {shape[0], shape[3], shape[1], shape[2]};
}

Value Converter::makeAlloc(Location loc, const MapShape &shape) {
  return builder.create<AllocOp>(loc, shape.getType(builder.getContext()),
                                 IntegerAttr());
}

Value Converter::store(Value value, FloatAttr scale) {
  auto type = cast<RankedTensorType>(value.getType());
  if (scale)
    type = cast<RankedTensorType>(type.clone(builder.getF32Type()));
  return builder.create<StoreOp>(value.getLoc(), type, getMap(value), scale);
}

// `count` channels of a feature map, in place.
Value Converter::takeChannels(Location loc, Value map, int64_t first,
                              int64_t count) {
  SmallVector<int64_t> sizes(cast<MemRefType>(map.getType()).getShape());
  SmallVector<int64_t> offsets(sizes.size(), 0), steps(sizes.size(), 1);
  offsets.back() = first, sizes.back() = count;
  return builder.create<memref::SubViewOp>(loc, map, offsets, sizes, steps);
}

// The feature map of a requantisation's result: that of its sums. A sum of
// feature maps has their shape, even where the tensor was flattened.
Value Converter::makeResult(RequantizeOp op) {
  auto sum = op.getInput().getDefiningOp<ScaledSumOp>();
  MapShape shape =
      sum ? getShape(sum.getInputs()[0])
          : *getMapShape(cast<RankedTensorType>(op.getResult().getType()));
  Value map = makeAlloc(op.getLoc(), shape);
  maps[op.getResult()] = map;
  return map;
}

LogicalResult Converter::convertQuantize(QuantizeOp op) {
  if (!isa<BlockArgument>(op.getInput()) || !getMapShape(op.getInput()))
    return op.emitError("quantises a value that no driver can load: it must be "
                        "an argument of rank 2 or 4");
  MemRefType type = getMapShape(op.getInput())->getType(builder.getContext());
  maps[op.getResult()] = builder.create<LoadOp>(
      op.getLoc(), type, op.getInput(), op.getScaleAttr(), IntegerAttr());
  return success();
}

LogicalResult
Converter::convertLayer(RequantizeOp op, Value input, Value weight, Value bias,
                        ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                        ArrayRef<int64_t> dilations, int64_t groups) {
  if (!bias) {
    auto type = RankedTensorType::get(
        cast<RankedTensorType>(weight.getType()).getDimSize(0),
        builder.getI32Type());
    bias = builder.create<ConstantOp>(
        op.getLoc(),
        DenseElementsAttr::get(type, builder.getI32IntegerAttr(0)));
  }
  Value map = getMap(input);
  builder.create<ConvOp>(op.getLoc(), map, weight, bias, op.getMultiplier(),
                         op.getShift(), makeResult(op), strides, pads,
                         dilations, groups, ArrayRef<int64_t>{1, 1},
                         ArrayRef<int64_t>{1, 1}, op.getMin(), op.getMax());
  return success();
}

// The factor of a requantisation that is the same for all channels.
static std::optional<std::pair<int32_t, int32_t>>
getSingleFactor(RequantizeOp op) {
  auto multiplier = op.getMultiplier().getDefiningOp<ConstantOp>();
  auto shift = op.getShift().getDefiningOp<ConstantOp>();
  if (!multiplier || !shift)
    return std::nullopt;
  SmallVector<int32_t> multipliers, shifts;
  ArrayRef<int32_t> m = multiplier.getValues<int32_t>(multipliers);
  ArrayRef<int32_t> s = shift.getValues<int32_t>(shifts);
  if (!llvm::all_equal(m) || !llvm::all_equal(s))
    return std::nullopt;
  return std::make_pair(m[0], s[0]);
}

LogicalResult Converter::convertSumPool(RequantizeOp op, Value input,
                                        ArrayRef<int64_t> kernel,
                                        ArrayRef<int64_t> strides,
                                        ArrayRef<int64_t> pads,
                                        ArrayRef<int64_t> dilations) {
  auto factor = getSingleFactor(op);
  if (!factor)
    return op.emitError("of a pool must have one factor for all channels");
  Value map = getMap(input);
  builder.create<SumPoolOp>(op.getLoc(), map, makeResult(op), kernel, strides,
                            pads, dilations, factor->first, factor->second,
                            op.getMin(), op.getMax());
  return success();
}

LogicalResult Converter::convertSum(RequantizeOp op, ScaledSumOp sum) {
  auto factor = getSingleFactor(op);
  if (!factor || factor->first != 1)
    return op.emitError("of a sum must have a multiplier of 1");
  if (sum.getInputs().size() > 2)
    return sum.emitError("has more operands than the engine's two");
  SmallVector<Value> inputs;
  for (Value input : sum.getInputs()) {
    inputs.push_back(getMap(input));
    if (!(getShape(input) == getShape(sum.getInputs()[0])))
      return sum.emitError(
          "adds feature maps whose elements lie in another order");
  }
  builder.create<gemm::AddOp>(op.getLoc(), inputs, makeResult(op),
                              sum.getWeights(), factor->second, op.getMin(),
                              op.getMax());
  return success();
}

LogicalResult Converter::convertRequantize(RequantizeOp op) {
  Operation *sums = op.getInput().getDefiningOp();
  if (auto conv = dyn_cast_or_null<Conv2DOp>(sums))
    return convertLayer(op, conv.getInput(), conv.getWeight(), conv.getBias(),
                        conv.getStrides(), conv.getPads().take_front(2),
                        conv.getDilations(), conv.getGroups());
  if (auto dense = dyn_cast_or_null<DenseOp>(sums)) {
    MapShape shape = getShape(dense.getInput());
    auto type = cast<RankedTensorType>(dense.getWeight().getType());
    auto kernel = RankedTensorType::get(
        {type.getDimSize(0), shape.channels, shape.height, shape.width},
        type.getElementType());
    Value weight =
        builder.create<ReshapeOp>(dense.getLoc(), kernel, dense.getWeight());
    return convertLayer(op, dense.getInput(), weight, dense.getBias(), {1, 1},
                        {0, 0}, {1, 1}, 1);
  }
  if (auto pool = dyn_cast_or_null<AvgPool2DOp>(sums))
    return convertSumPool(op, pool.getInput(), pool.getKernel(),
                          pool.getStrides(), pool.getPads().take_front(2),
                          pool.getDilations());
  if (auto pool = dyn_cast_or_null<GlobalAvgPoolOp>(sums)) {
    MapShape shape = getShape(pool.getInput());
    return convertSumPool(op, pool.getInput(), {shape.height, shape.width},
                          {1, 1}, {0, 0}, {1, 1});
  }
  if (auto sum = dyn_cast_or_null<ScaledSumOp>(sums))
    return convertSum(op, sum);
  return op.emitError("requantises what is not the sums of a layer");
}

LogicalResult Converter::convertMaxPool(MaxPool2DOp op) {
  Value input = getMap(op.getInput());
  Value output = makeAlloc(op.getLoc(), *getMapShape(op.getType()));
  maps[op.getResult()] = output;
  builder.create<MaxPoolOp>(op.getLoc(), input, output, op.getKernel(),
                            op.getStrides(), op.getPads().take_front(2),
                            op.getDilations());
  return success();
}

LogicalResult Converter::convertReshape(Operation *op) {
  Value input = op->getOperand(0), result = op->getResult(0);
  Value map = getMap(input);
  auto shape =
      reshapeMap(getShape(input), cast<RankedTensorType>(result.getType()));
  if (!shape)
    return op->emitError("moves values within a feature map, which the engine "
                         "cannot");
  if (!(*shape == getShape(input))) {
    MemRefType type = shape->getType(builder.getContext());
    SmallVector<int64_t> strides = computeStrides(type.getShape());
    map = builder.create<memref::ReinterpretCastOp>(
        op->getLoc(), type, map, /*offset=*/0, type.getShape(), strides);
  }
  maps[result] = map;
  return success();
}

LogicalResult Converter::convertConcat(ConcatOp op) {
  auto shape = getMapShape(op.getType());
  if (op.getAxis() != 1 || !shape)
    return op.emitError("must be along the channels");
  Value whole = makeAlloc(op.getLoc(), *shape);
  int64_t first = 0;
  for (Value input : op.getInputs()) {
    MapShape part = getShape(input);
    if (part.height != shape->height || part.width != shape->width)
      return op.emitError(
          "joins feature maps whose elements lie in another order");
    Value map = getMap(input);
    Value view = takeChannels(op.getLoc(), whole, first, part.channels);
    builder.create<memref::CopyOp>(op.getLoc(), map, view);
    first += part.channels;
  }
  maps[op.getResult()] = whole;
  return success();
}

LogicalResult Converter::convertSlice(SliceOp op) {
  if (op.getAxis() != 1 ||
      getShape(op.getInput()).channels !=
          cast<RankedTensorType>(op.getInput().getType()).getDimSize(1))
    return op.emitError("must be along the channels of a feature map");
  maps[op.getResult()] =
      takeChannels(op.getLoc(), getMap(op.getInput()), op.getBegin(),
                   op.getEnd() - op.getBegin());
  return success();
}

void Converter::convertReturn(func::ReturnOp op) {
  for (OpOperand &operand : op->getOpOperands())
    if (getElementTypeOrSelf(operand.get()).isInteger(8))
      operand.set(store(operand.get(), FloatAttr()));
}

LogicalResult Converter::convert(Operation *op) {
  builder.setInsertionPoint(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<ConstantOp, Conv2DOp, DenseOp, AvgPool2DOp, GlobalAvgPoolOp,
            ScaledSumOp>([](auto) { return success(); }) // at their requantize
      .Case([&](QuantizeOp quantize) { return convertQuantize(quantize); })
      .Case([&](RequantizeOp sums) { return convertRequantize(sums); })
      .Case([&](MaxPool2DOp pool) { return convertMaxPool(pool); })
      .Case([&](ConcatOp concat) { return convertConcat(concat); })
      .Case([&](SliceOp slice) { return convertSlice(slice); })
      .Case<FlattenOp, ReshapeOp, IdentityOp, DropoutOp>(
          [&](Operation *reshape) { return convertReshape(reshape); })
      .Case([&](DequantizeOp dequantize) {
        dequantize.getResult().replaceAllUsesWith(
            store(dequantize.getInput(), dequantize.getScaleAttr()));
        return success();
      })
      .Case([&](func::ReturnOp terminator) {
        convertReturn(terminator);
        return success();
      })
      .Default([](Operation *other) {
        return other->emitError("'")
               << other->getName() << "' has no command on the engine";
      });
}

LogicalResult Converter::run() {
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().front()) {
    bool isFloat = isa<LCPDialect>(op.getDialect()) &&
                   !isa<QuantizeOp, ConstantOp>(op) && op.getNumOperands() &&
                   getElementTypeOrSelf(op.getOperand(0)).isF32();
    if (isFloat)
      return op.emitError("'")
             << op.getName() << "' is floating-point; the engine is not";
    ops.push_back(&op);
  }
  for (Operation *op : ops)
    if (failed(convert(op)))
      return failure();
  // What is left of the old ops has no readers but each other.
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty() && !isa<func::ReturnOp>(op))
      op->erase();
  return success();
}

namespace {
struct ConvertLCPToGEMMPass
    : gemm::impl::ConvertLCPToGEMMBase<ConvertLCPToGEMMPass> {
  void runOnOperation() override {
    if (failed(Converter(getOperation()).run()))
      signalPassFailure();
  }
};
} // namespace
