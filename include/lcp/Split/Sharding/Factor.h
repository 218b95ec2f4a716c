//===- Factor.h - Factors as options give them ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_FACTOR_H
#define LCP_SPLIT_SHARDING_FACTOR_H

#include "mlir/IR/Operation.h"
#include <string>

namespace mlir::lcp {

/// "4" as "factor=4"; options that name their keys as they are.
std::string expandFactor(StringRef options);

/// Reports a factor, a number of `parts`, that no plan could have.
LogicalResult checkFactor(Operation *op, int64_t factor,
                          StringRef parts = "branches");

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_FACTOR_H
