//===- GEMMDialect.cpp - Registration and verifiers ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/GEMMDialect.h"
#include "mlir/IR/TypeUtilities.h"
#include "targets/gemm/abi/Command.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

#include "targets/gemm/compiler/GEMMDialect.cpp.inc"

#define GET_OP_CLASSES
#include "targets/gemm/compiler/GEMMOps.cpp.inc"

void GEMMDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "targets/gemm/compiler/GEMMOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Feature maps
//===----------------------------------------------------------------------===//

static bool isDense(MemRefType type) {
  return type.hasStaticShape() && type.getLayout().isIdentity();
}

LogicalResult AllocOp::verify() {
  if (!isDense(getMap().getType()))
    return emitOpError("must be a static, dense feature map (C1)");
  return success();
}

static LogicalResult verifyOutside(Operation *op, Value tensor, Value map,
                                   bool hasScale) {
  auto outside = cast<RankedTensorType>(tensor.getType());
  auto inside = cast<MemRefType>(map.getType());
  if (!inside.hasStaticShape() ||
      inside.getNumElements() != outside.getNumElements())
    return op->emitOpError("cannot move ")
           << outside << " to or from " << inside << " (C1)";
  if (outside.getElementType().isF32() != hasScale)
    return op->emitOpError("needs a scale for f32, and none for i8 (C2)");
  return success();
}

LogicalResult LoadOp::verify() {
  if (!isDense(getMap().getType()))
    return emitOpError("must fill a static, dense feature map (C1)");
  return verifyOutside(*this, getTensor(), getMap(), getScale().has_value());
}

LogicalResult StoreOp::verify() {
  return verifyOutside(*this, getTensor(), getMap(), getScale().has_value());
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

static bool arePair(ArrayRef<int64_t> values, int64_t least) {
  return values.size() == 2 && values[0] >= least && values[1] >= least;
}

static LogicalResult verifyBounds(Operation *op, int32_t min, int32_t max) {
  constexpr int32_t limit = ::lcp::gemm::kMaxMagnitude;
  if (min < -limit || min > max || max > limit)
    return op->emitOpError("range [")
           << min << ", " << max << "] does not lie in [-127, 127] (C4)";
  return success();
}

LogicalResult ConvOp::verify() {
  if (!arePair(getStrides(), 1) || !arePair(getDilations(), 1) ||
      !arePair(getPoolKernel(), 1) || !arePair(getPoolStrides(), 1) ||
      !arePair(getPads(), 0))
    return emitOpError("needs pairs of positive strides, dilations and pools, "
                       "and of pads (C1)");
  auto weight = cast<RankedTensorType>(getWeight().getType());
  MemRefType input = getInput().getType(), output = getOutput().getType();
  int64_t groups = getGroups();
  if (weight.getRank() != 4 || groups < 1 || weight.getDimSize(0) % groups ||
      input.getDimSize(3) != groups * weight.getDimSize(1) ||
      output.getDimSize(3) != weight.getDimSize(0) ||
      input.getDimSize(0) != output.getDimSize(0))
    return emitOpError("of ") << input << " by " << weight << " in " << groups
                              << " groups cannot give " << output << " (C2)";
  auto count = [](Value words) {
    return cast<RankedTensorType>(words.getType()).getNumElements();
  };
  int64_t channels = weight.getDimSize(0);
  for (Value words : {getMultiplier(), getShift()})
    if (count(words) != 1 && count(words) != channels)
      return emitOpError("needs 1 or ")
             << channels << " multipliers and shifts (C3)";
  if (count(getBias()) != channels)
    return emitOpError("needs ") << channels << " biases (C3)";
  return verifyBounds(*this, getMin(), getMax());
}

template <typename Pool> static LogicalResult verifyPool(Pool op) {
  if (!arePair(op.getKernel(), 1) || !arePair(op.getStrides(), 1) ||
      !arePair(op.getDilations(), 1) || !arePair(op.getPads(), 0))
    return op.emitOpError("needs pairs of positive kernel sizes, strides and "
                          "dilations, and of pads (C1)");
  MemRefType input = op.getInput().getType(), output = op.getOutput().getType();
  if (input.getDimSize(0) != output.getDimSize(0) ||
      input.getDimSize(3) != output.getDimSize(3))
    return op.emitOpError("cannot pool ")
           << input << " to " << output << " (C2)";
  return success();
}

LogicalResult MaxPoolOp::verify() { return verifyPool(*this); }

LogicalResult SumPoolOp::verify() {
  return failed(verifyPool(*this)) ? failure()
                                   : verifyBounds(*this, getMin(), getMax());
}

LogicalResult AddOp::verify() {
  size_t count = getInputs().size();
  bool fits = (count == 1 || count == 2) && getFactors().size() == count;
  for (Value input : getInputs())
    fits &= cast<MemRefType>(input.getType()).getShape() ==
            getOutput().getType().getShape();
  if (!fits)
    return emitOpError("needs one or two inputs of the output's shape and a "
                       "factor for each (C1)");
  return verifyBounds(*this, getMin(), getMax());
}
