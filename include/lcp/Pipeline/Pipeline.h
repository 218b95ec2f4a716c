//===- Pipeline.h - The order of the compiler's steps --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_PIPELINE_H
#define LCP_PIPELINE_PIPELINE_H

#include "lcp/Lower/CompiledProgram.h"
#include "lcp/Quantize/Calibrate.h"
#include "lcp/Report/Report.h"
#include <optional>

namespace mlir::lcp {

/// The named phases, in order; --compile-to stops after one of them.
enum class Phase {
  /// The model as imported.
  Import,
  /// Batch norms folded, what does nothing dropped.
  Simplify,
  /// Ranges of activations recorded, for targets that compute in integers.
  Calibrate,
  /// A schedule of units and merges.
  Outline,
  /// Units of such targets turned into integer models.
  Quantize,
  /// Code, weights and arena sizes of every unit.
  Compile,
  /// The file.
  Bundle
};

std::optional<Phase> parsePhase(StringRef name);
/// "import, simplify, ...", for messages and help.
std::string getPhaseNames();

struct PipelineOptions {
  TargetAssignment targets;
  Phase last = Phase::Bundle;
  /// What activations are calibrated on; empty: seeded inputs, with a warning.
  SmallVector<Sample> calibration;
  /// Inputs whose reference outputs go into the bundle for --verify.
  std::optional<Sample> golden;
  /// Receives the IR or the schedule after `last` when that is before Bundle.
  raw_ostream *dump = nullptr;
};

struct GoldenPair {
  Sample inputs;
  SmallVector<reference::Tensor> outputs;
};

/// What is left to be written into a bundle.
struct PipelineResult {
  CompiledProgram compiled;
  ProgramFootprint footprint;
  std::optional<GoldenPair> golden;
};

/// Runs the phases from Simplify to `options.last` on an imported module.
/// Reports through diagnostics. A result only when Compile was reached.
FailureOr<std::optional<PipelineResult>>
runPipeline(ModuleOp module, const PipelineOptions &options);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_PIPELINE_H
