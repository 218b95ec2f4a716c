//===- Apportion.h - Whole parts in proportion to shares -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_APPORTION_H
#define LCP_LIB_SPLIT_PLAN_APPORTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mlir::lcp {

/// `units` in whole parts, in proportion to `shares` by Webster's method
/// (Sainte-Lague's), but with one for each part first, as far as there are
/// enough: unit by unit to the part with the largest share / (2 * part + 1),
/// the first of equal ones. So no part shrinks when there are more units, and
/// equal shares give parts that differ by at most one, the larger first. Needs
/// shares from 1 to 2^31, and units from 0 to 2^31.
llvm::SmallVector<int64_t> apportion(int64_t units,
                                     llvm::ArrayRef<int64_t> shares);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_APPORTION_H
