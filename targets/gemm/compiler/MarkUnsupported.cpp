//===- MarkUnsupported.cpp - Keep in float what the engine cannot do -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/Quantize.h"
#include "targets/gemm/abi/Validate.h"
#include "targets/gemm/compiler/FeatureMap.h"
#include "targets/gemm/compiler/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_GEMMMARKUNSUPPORTED
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

static constexpr StringRef kMoves =
    "the engine does not move values within a feature map";

static StringRef checkMaxPool(MaxPool2DOp op) {
  for (unsigned i : {0u, 1u})
    if (op.getDilations()[i] > 1 && op.getPads()[i] > 0)
      return "the engine has no dilated pool over padding";
  return "";
}

// Whether the elements lie in the order that others of this rank have: always
// at rank 4, at rank 2 only if they were not flattened from a larger image.
static bool isOrdered(Value value) {
  std::optional<MapShape> map = getMapShape(value);
  auto type = cast<RankedTensorType>(value.getType());
  return map && (type.getRank() == 4 || map->isPixel());
}

static StringRef checkChannelwise(Operation *op, int64_t axis) {
  if (axis != 1 || !llvm::all_of(op->getOperands(), isOrdered))
    return kMoves;
  return "";
}

static StringRef checkReshape(Operation *op) {
  std::optional<MapShape> input = getMapShape(op->getOperand(0));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return input && reshapeMap(*input, type) ? "" : kMoves;
}

static StringRef getReason(Operation *op) {
  for (Value value : {op->getOperand(0), Value(op->getResult(0))})
    if (int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
        rank != 2 && rank != 4)
      return "the engine works on tensors of rank 2 and 4";
  auto isTooLong = [](Type type) {
    return llvm::any_of(cast<RankedTensorType>(type).getShape(), [](int64_t n) {
      return n > ::lcp::gemm::detail::kMaxExtent;
    });
  };
  if (llvm::any_of(op->getOperandTypes(), isTooLong) ||
      llvm::any_of(op->getResultTypes(), isTooLong))
    return "a dimension is longer than the engine counts";
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](MaxPool2DOp pool) { return checkMaxPool(pool); })
      .Case([](ConcatOp concat) {
        return checkChannelwise(concat, concat.getAxis());
      })
      .Case([](SliceOp slice) {
        return checkChannelwise(slice, slice.getAxis());
      })
      .Case<AddOp, SubOp>([](auto sum) {
        return llvm::all_of(sum->getOperands(), isOrdered) ? "" : kMoves;
      })
      .Case<FlattenOp, ReshapeOp>(
          [](Operation *reshape) { return checkReshape(reshape); })
      .Case<ReluOp, ClipOp, IdentityOp, DropoutOp>([](Operation *same) {
        return getMapShape(same->getOperand(0)) ? "" : kMoves;
      })
      .Case<TransposeOp, PadOp, ChannelShuffleOp>([](auto) { return kMoves; })
      .Default([](Operation *) { return ""; });
}

namespace {
struct MarkUnsupportedPass
    : gemm::impl::GEMMMarkUnsupportedBase<MarkUnsupportedPass> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    for (Operation &op :
         getOperation().getBody().front().without_terminator()) {
      // Weights have other limits (lib/Quantize) and their own encoding.
      StringRef reason = isa<ConstantOp, DenseOp>(op) ? "" : getReason(&op);
      if (reason.empty() || op.hasAttr(kKeepFloatAttr))
        continue;
      op.setAttr(kKeepFloatAttr, builder.getStringAttr(reason));
      ++marked;
    }
  }
};
} // namespace
