//===- ChooseFactor.h - How far to divide ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_CHOOSEFACTOR_H
#define LCP_LIB_SPLIT_CHOOSEFACTOR_H

#include "lcp/Split/Split.h"

namespace mlir::lcp {

/// The method's Procedure 1 (docs/rationale/procedure-1.md): the smallest power
/// of two for which the largest branch of @main fits the memory of the device
/// named `device` and needs no more multiply-accumulates than the device does
/// in `latencyMs` at its peak. `request` says how to divide; its factor is
/// ignored. A remark gives both figures. Reports an unknown device, one whose
/// file lacks either figure, and a network that no factor makes fit.
FailureOr<int64_t> chooseFactor(ModuleOp module, SplitRequest request,
                                StringRef device, double latencyMs);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_CHOOSEFACTOR_H
