//===- ShardByShares.h - Channels for every layer of a network -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_SHARDBYSHARES_H
#define LCP_LIB_SPLIT_PLAN_SHARDBYSHARES_H

#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// Divides every layer of `func`, a whole network, but the classifier over a
/// branch a share: classes as `given` says, those it has not in order by
/// `shares` (Apportion.h). With `pairLayers`, layers make partial sums where
/// that spares a merge (docs/rationale/column-and-row.md).
Sharding shardByShares(func::FuncOp func, ArrayRef<int64_t> shares,
                       Operation *classifier,
                       const ClassDivisions &given = ClassDivisions(),
                       bool pairLayers = false);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_SHARDBYSHARES_H
