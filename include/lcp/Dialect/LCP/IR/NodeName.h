//===- NodeName.h - Names that locations carry -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_NODENAME_H
#define LCP_DIALECT_LCP_IR_NODENAME_H

#include "mlir/IR/Location.h"

namespace mlir::lcp {

/// What the ONNX file calls an op's node, or a constant's tensor: the first
/// name in `loc`, wherever passes have put it, or `otherwise` without one. The
/// name lives as long as the context.
StringRef getNodeName(Location loc, StringRef otherwise = {});

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_NODENAME_H
