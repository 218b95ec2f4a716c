//===- NodeName.cpp - Names that locations carry --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

StringRef mlir::lcp::getNodeName(Location loc, StringRef otherwise) {
  auto named = loc->findInstanceOf<NameLoc>();
  return named ? named.getName().getValue() : otherwise;
}
