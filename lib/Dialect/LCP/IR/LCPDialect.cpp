//===- LCPDialect.cpp - Registration, and verifiers that need no shape ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "ElementwiseFormulas.h"
#include "OpFamilies.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;

#include "lcp/Dialect/LCP/IR/LCPDialect.cpp.inc"
#include "lcp/Dialect/LCP/IR/LCPEnums.cpp.inc"

#include "lcp/Dialect/LCP/IR/LCPComputeInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "lcp/Dialect/LCP/IR/LCPOps.cpp.inc"

namespace {
/// A plan has a line a layer, too much for the line of a module's attributes.
struct PlanAlias : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;

  AliasResult getAlias(Attribute attribute, raw_ostream &os) const override {
    if (!isa<PlanAttr>(attribute))
      return AliasResult::NoAlias;
    os << "plan";
    return AliasResult::FinalAlias;
  }
};
} // namespace

void LCPDialect::initialize() {
  addInterfaces<PlanAlias>();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "lcp/Dialect/LCP/IR/LCPOps.cpp.inc"
      >();
}

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getInput(); }

/// A slice of everything.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

LogicalResult ClipOp::verify() {
  // Negated so that a NaN bound is refused too.
  if (!(getMin().convertToFloat() <= getMax().convertToFloat()))
    return emitOpError("min must not be greater than max (C1)");
  return success();
}

LogicalResult HardSigmoidOp::verify() {
  if (!getAlpha().isFinite() || !getBeta().isFinite())
    return emitOpError("alpha and beta must be finite (C1)");
  return success();
}

LogicalResult SoftmaxOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= type.getRank())
    return emitOpError("axis ")
           << axis << " is not a dimension of " << type << " (C1)";
  return success();
}

LogicalResult LRNOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (static_cast<int64_t>(getSize()) < 1 || type.getRank() < 2)
    return emitOpError(
        "needs a positive size and at least two dimensions (C1)");
  return success();
}

LogicalResult ChannelShuffleOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  int64_t groups = getGroups();
  if (groups < 1 || type.getRank() < 2 || type.getDimSize(1) % groups)
    return emitOpError("cannot shuffle the channels of ")
           << type << " in " << groups << " groups (C1)";
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType());
  auto to = cast<RankedTensorType>(getResult().getType());
  if (from.getElementType() != to.getElementType() ||
      from.getNumElements() != to.getNumElements())
    return emitOpError("cannot turn ") << from << " into " << to << " (C1)";
  return success();
}
