//===- Footprint.cpp - Parameters and multiplications of a model ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;

/// Every output element is a sum over all but the first dimension of a weight.
static int64_t countMacs(Value weight, Value result) {
  auto type = cast<RankedTensorType>(weight.getType());
  int64_t outputs = cast<RankedTensorType>(result.getType()).getNumElements();
  return outputs * (type.getNumElements() / type.getDimSize(0));
}

Footprint mlir::lcp::measureFootprint(Operation *root) {
  Footprint footprint;
  root->walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](ConstantOp constant) {
          footprint.parameters += constant.getType().getNumElements();
        })
        .Case<Conv2DOp, DenseOp>([&](auto layer) {
          footprint.macs += countMacs(layer.getWeight(), layer.getResult());
        });
  });
  return footprint;
}
