//===- Golden.h - Reference outputs of a whole program -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_GOLDEN_H
#define LCP_PIPELINE_GOLDEN_H

#include "lcp/Lower/Program.h"
#include "lcp/Reference/Evaluate.h"

namespace mlir::lcp {

/// Runs the program's units and merges in the reference interpreter. Unlike an
/// evaluation of @main this sees the units as their targets will: integer
/// models where a target computes in integers. Must come before
/// compileProgram, which consumes the units.
FailureOr<SmallVector<reference::Tensor>>
evaluateProgram(Program &program, ArrayRef<reference::Tensor> inputs);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_GOLDEN_H
