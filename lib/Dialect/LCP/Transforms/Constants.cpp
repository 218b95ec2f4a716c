//===- Constants.cpp - New constants out of old ones --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::lcp;

ConstantOp mlir::lcp::getFloatConstant(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && constant.getType().getElementType().isF32() ? constant
                                                                 : nullptr;
}

static ConstantOp
fillConstant(OpBuilder &builder, Location loc, RankedTensorType type,
             StringRef key,
             llvm::function_ref<void(MutableArrayRef<float>)> fill) {
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(
      getByteSize(type), /*align=*/64, /*dataIsMutable=*/true);
  MutableArrayRef<char> bytes = blob.getMutableData();
  fill({reinterpret_cast<float *>(bytes.data()),
        static_cast<size_t>(type.getNumElements())});
  return createConstant(builder, loc, type, key, std::move(blob));
}

ConstantOp mlir::lcp::replaceConstant(
    OpBuilder &builder, ConstantOp old,
    llvm::function_ref<void(MutableArrayRef<float>)> fill) {
  return fillConstant(builder, old.getLoc(), old.getType(), old.getKey(), fill);
}

ConstantOp mlir::lcp::createFilledConstant(
    OpBuilder &builder, Location loc, RankedTensorType type, StringRef role,
    llvm::function_ref<void(MutableArrayRef<float>)> fill) {
  std::string name = (getNodeName(loc, "layer") + "." + role).str();
  return fillConstant(builder, NameLoc::get(builder.getStringAttr(name)), type,
                      name, fill);
}

void mlir::lcp::eraseIfUnused(ArrayRef<Operation *> candidates) {
  llvm::SetVector<Operation *> work(candidates.begin(), candidates.end());
  while (!work.empty()) {
    Operation *op = work.pop_back_val();
    if (!isOpTriviallyDead(op))
      continue;
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        work.insert(producer);
    op->erase();
  }
}
