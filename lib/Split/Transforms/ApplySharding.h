//===- ApplySharding.h - Writes the model-parallel form ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_TRANSFORMS_APPLYSHARDING_H
#define LCP_LIB_SPLIT_TRANSFORMS_APPLYSHARDING_H

#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// Turns `func` into the form that `sharding` describes, stage by stage: the
/// same function, in lcp.parallel and lcp.merge.
void applySharding(func::FuncOp func, const Sharding &sharding);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_TRANSFORMS_APPLYSHARDING_H
