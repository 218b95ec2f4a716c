//===- LCPOps.h - Operations of the lcp dialect --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPOPS_H
#define LCP_DIALECT_LCP_IR_LCPOPS_H

#include "lcp/Dialect/LCP/IR/ComputeInterfaces.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/IR/LCPInterfaces.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "lcp/Dialect/LCP/IR/LCPEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "lcp/Dialect/LCP/IR/LCPAttrs.h.inc"

#define GET_OP_CLASSES
#include "lcp/Dialect/LCP/IR/LCPOps.h.inc"

namespace mlir::lcp {
/// A constant over `blob`, which must hold exactly the bytes of `type` and is
/// taken over, not copied. The tensor's name is the one in `loc`; `key` is a
/// hint for readers of the IR, and made unique and printable.
ConstantOp createConstant(OpBuilder &builder, Location loc,
                          RankedTensorType type, StringRef key,
                          AsmResourceBlob blob);

/// The same over a copy of `values`, for small or freshly computed data.
template <typename T>
ConstantOp createConstant(OpBuilder &builder, Location loc,
                          RankedTensorType type, StringRef key,
                          ArrayRef<T> values) {
  return createConstant(
      builder, loc, type, key,
      HeapAsmResourceBlob::allocateAndCopyWithAlign(
          ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                         values.size() * sizeof(T)),
          /*align=*/64));
}

/// The bytes that `type` occupies in row-major order.
uint64_t getByteSize(RankedTensorType type);
} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_LCPOPS_H
