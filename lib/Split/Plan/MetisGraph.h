//===- MetisGraph.h - A partition problem as METIS takes it ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_METISGRAPH_H
#define LCP_LIB_SPLIT_PLAN_METISGRAPH_H

#include "BalancedPartition.h"

namespace mlir::lcp {

/// METIS's division, one constraint a class; parts may miss their sizes by a
/// few units. Of a dense block it sees the heaviest edges of each unit only.
/// Empty if METIS gives none.
PartOfUnit divideByMetis(const PartitionProblem &problem);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_METISGRAPH_H
