//===- FirstDevice.h - Which devices a stage is for ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_FIRSTDEVICE_H
#define LCP_DIALECT_LCP_IR_FIRSTDEVICE_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp {

/// On lcp.parallel, an i64: branch b runs on device `lcp.first_device + b`.
/// Absent: 0. Not an argument of the op (docs/rationale/pipeline.md), so
/// whoever makes an lcp.parallel in the place of another has to hand it on.
inline constexpr llvm::StringLiteral kFirstDeviceAttr = "lcp.first_device";

inline int64_t getFirstDevice(ParallelOp op) {
  auto device = op->getAttrOfType<IntegerAttr>(kFirstDeviceAttr);
  return device ? device.getInt() : 0;
}

inline void setFirstDevice(ParallelOp op, int64_t device) {
  if (device)
    op->setAttr(kFirstDeviceAttr,
                Builder(op.getContext()).getI64IntegerAttr(device));
  else
    op->removeAttr(kFirstDeviceAttr);
}

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_FIRSTDEVICE_H
