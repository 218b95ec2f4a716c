//===- Report.h - What was compiled, for people and for scripts ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_REPORT_H
#define LCP_PIPELINE_REPORT_H

#include "lcp/Lower/CompiledProgram.h"
#include "llvm/Support/JSON.h"

namespace mlir::lcp {

/// The report as JSON: the model, each step in order with, for a stage, every
/// branch's target, device, inputs and outputs, parameters and
/// multiply-accumulates, bytes of code, weights and arena by part, and where
/// each layer went and why.
llvm::json::Object makeReport(const CompiledProgram &compiled,
                              StringRef commandLine);

/// The same report as text, one line a branch and a line for every layer that
/// did not go where its branch went.
void printReport(const llvm::json::Object &report, raw_ostream &stream);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_REPORT_H
