//===- Judge.h - How well a changed network answers, measured ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_JUDGE_H
#define LCP_PIPELINE_JUDGE_H

#include "lcp/Split/Plan/OutputJudge.h"

namespace mlir::lcp {

/// The judge of lcp-opt (lcp/Split/Plan/OutputJudge.h): inputs are read as
/// `lcp-compile --calibrate` reads them, networks run in the reference
/// interpreter.
FailureOr<OutputJudge> openReferenceJudge(func::FuncOp original, Value output,
                                          StringRef path);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_JUDGE_H
