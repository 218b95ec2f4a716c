//===- BalanceStages.h - Where to cut a chain of ops -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dynamic program that sees numbers only; docs/rationale/pipeline.md.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_TRANSFORMS_BALANCESTAGES_H
#define LCP_LIB_SPLIT_TRANSFORMS_BALANCESTAGES_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <vector>

namespace mlir::lcp {

/// Ops in program order, and the values between them.
struct OpChain {
  struct Op {
    int64_t macs = 0;
    /// Whether it has weights.
    bool isLayer = false;
    /// Indices of values, each once.
    llvm::SmallVector<unsigned> reads, makes;
  };
  struct Value {
    int64_t bytes = 0;
    /// The op that makes it; -1: the network's input.
    int producer = -1;
    /// The last op that reads it; the number of ops for a result of the
    /// network, -1 when nothing does.
    int lastReader = -1;
  };
  std::vector<Op> ops;
  std::vector<Value> values;
};

/// Cuts the chain into `stages` runs of ops, each with a layer: of all such
/// cuts whose largest run has the fewest MACs, one that sends the fewest bytes.
/// A value is sent once by the run that makes it, if a later one or the
/// network's caller reads it, and once to each later run that does. Returns the
/// first op of each run, ascending from 0; `stages` is at least 1 and at most
/// the number of layers. Takes time of stages x ops^2 and memory of ops^2.
std::vector<unsigned> balanceStages(const OpChain &chain, unsigned stages);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_TRANSFORMS_BALANCESTAGES_H
