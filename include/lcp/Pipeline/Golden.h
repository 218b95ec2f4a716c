//===- Golden.h - What a model computes, by the reference ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_GOLDEN_H
#define LCP_PIPELINE_GOLDEN_H

#include "lcp/Lower/OutlinedModel.h"
#include "lcp/Reference/Evaluate.h"

namespace mlir::lcp {

/// Runs the model's units and merges in the reference interpreter. Unlike an
/// evaluation of @main this sees the units as their targets will: integer
/// models where a target computes in integers. Must come before
/// compileUnits, which consumes the units. Gives every value of the model.
FailureOr<SmallVector<reference::Tensor>>
evaluateValues(OutlinedModel &model, ArrayRef<reference::Tensor> inputs);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_GOLDEN_H
