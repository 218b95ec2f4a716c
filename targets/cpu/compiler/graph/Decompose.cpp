//===- Decompose.cpp - Remove the ops that need no code of their own ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "llvm/ADT/DenseSet.h"
#include <cmath>

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_DECOMPOSE
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

/// The values of a batch_norm's parameter; fails if it is not a constant.
FailureOr<ArrayRef<float>> getParameter(BatchNormOp op, Value value,
                                        SmallVectorImpl<float> &storage) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return op.emitOpError("needs constant parameters to be compiled");
  return constant.getValues<float>(storage);
}

/// y = x * a + b with a = scale / sqrt(variance + epsilon) and
/// b = bias - mean * a, computed in double.
LogicalResult decomposeBatchNorm(BatchNormOp op) {
  SmallVector<float> storage[4];
  ArrayRef<float> values[4];
  Value operands[] = {op.getScale(), op.getBias(), op.getMean(),
                      op.getVariance()};
  for (int i = 0; i < 4; ++i) {
    FailureOr<ArrayRef<float>> got = getParameter(op, operands[i], storage[i]);
    if (failed(got))
      return failure();
    values[i] = *got;
  }
  double epsilon = op.getEpsilon().convertToFloat();
  size_t channels = values[0].size();
  std::vector<float> scale(channels), shift(channels);
  for (size_t c = 0; c < channels; ++c) {
    double a = values[0][c] / std::sqrt(values[3][c] + epsilon);
    scale[c] = static_cast<float>(a);
    shift[c] = static_cast<float>(values[1][c] - values[2][c] * a);
  }
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<int64_t> shape(type.getRank() - op.getAxis(), 1);
  shape[0] = channels;
  auto parameter = RankedTensorType::get(shape, type.getElementType());
  OpBuilder b(op);
  Location loc = op.getLoc();
  Value scaleValue =
      createConstant<float>(b, loc, parameter, "bn_scale", ArrayRef(scale));
  Value shiftValue =
      createConstant<float>(b, loc, parameter, "bn_shift", ArrayRef(shift));
  Value scaled = b.create<MulOp>(loc, type, op.getInput(), scaleValue);
  Value shifted = b.create<AddOp>(loc, type, scaled, shiftValue);
  op.replaceAllUsesWith(shifted);
  op.erase();
  return success();
}

void copySharedResults(func::FuncOp function) {
  auto ret = cast<func::ReturnOp>(function.getBody().back().getTerminator());
  llvm::DenseSet<Value> claimed;
  OpBuilder b(ret);
  for (OpOperand &operand : ret->getOpOperands()) {
    Value storage = getStorage(operand.get());
    bool written = storage.getDefiningOp() && !isConstant(storage);
    if (written && claimed.insert(storage).second)
      continue;
    Value value = operand.get();
    operand.set(
        b.create<ConvertLayoutOp>(value.getLoc(), value.getType(), value,
                                  toAttribute(b.getContext(), Layout())));
  }
}

struct DecomposePass : impl::DecomposeBase<DecomposePass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    bool ok = true;
    function.walk([&](Operation *op) {
      if (isa<DropoutOp, IdentityOp>(op)) {
        op->getResult(0).replaceAllUsesWith(op->getOperand(0));
        op->erase();
      } else if (auto norm = dyn_cast<BatchNormOp>(op)) {
        ++numBatchNorms;
        ok &= succeeded(decomposeBatchNorm(norm));
      }
    });
    if (!ok)
      return signalPassFailure();
    copySharedResults(function);
  }
};

} // namespace
} // namespace mlir::lcp::cpu
