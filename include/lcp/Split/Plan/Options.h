//===- Options.h - Options that split passes share -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PLAN_OPTIONS_H
#define LCP_SPLIT_PLAN_OPTIONS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <string>

namespace mlir::lcp {

/// "4" as "factor=4"; options that name their keys as they are.
std::string expandFactor(StringRef options);

constexpr int64_t kMaxFactor = 4096;

/// Reports a factor, a number of `parts`, that is not in [1, kMaxFactor].
LogicalResult checkFactor(Operation *op, int64_t factor,
                          StringRef parts = "branches");

/// Reports a rounding that is not spread or floor, a percentage that is not in
/// [0, 1000], an assignment that is not contiguous or affinity, affinity with
/// floor, and a cut that is not column or column-row.
LogicalResult checkWidthOptions(Operation *op, StringRef round, int64_t fatten,
                                StringRef assign, StringRef cut);

/// Adds `pass` to those that the module remembers (kSplitPassesAttr), with the
/// options that differ from the ones of `fresh`, a new pass of the same kind.
void recordPass(ModuleOp module, Pass &pass, Pass &fresh);

} // namespace mlir::lcp

#endif // LCP_SPLIT_PLAN_OPTIONS_H
