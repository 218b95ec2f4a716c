//===- Pipeline.h - The order of the compiler's steps --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_PIPELINE_H
#define LCP_PIPELINE_PIPELINE_H

#include "common/traffic/TrafficModel.h"
#include "lcp/Bundle/Writer.h"
#include "lcp/Target/Target.h"
#include <optional>

namespace mlir::lcp {

/// The named phases, in order; --compile-to stops after one of them.
enum class Phase {
  /// The model as imported.
  Import,
  /// The same function in fewer ops: batch norms folded, no-ops dropped.
  Simplify,
  /// With the ranges of activations, for targets that compute in integers.
  Calibrate,
  /// Divided into a schedule of units and merges.
  Outline,
  /// With units for such targets turned into integer models.
  Quantize,
  /// With the code, weights and arena size of every unit.
  Compile,
  /// Written to a file.
  Bundle
};

std::optional<Phase> parsePhase(StringRef name);
/// "import, simplify, ...", for messages.
std::string getPhaseNames();

/// What to compile, for what, and where to.
struct CompileRequest {
  /// A name ending in .onnx is an ONNX model; anything else, "-" (standard
  /// input) included, is a module, text or bytecode as its first bytes tell.
  std::string model;

  /// Branch i of a parallel stage is compiled for the i-th; the last repeats.
  /// Not empty.
  SmallVector<const Target *> targets;
  /// What serial stages are compiled for. Null: `hereTarget` if the model has
  /// branches, the first of `targets` if it has none.
  const Target *headTarget = nullptr;
  /// The machine that the coordinator most likely runs on.
  const Target *hereTarget = nullptr;

  /// Whether the units of every target that can compute in integers do so, and
  /// not only of those that always do.
  bool int8 = false;

  Phase last = Phase::Bundle;
  /// The bundle, or the IR or schedule after an earlier phase.
  std::string output;
  /// Whether to write one more bundle for each branch.
  bool perBranch = false;
  /// A .txt, .json or .html file. Empty: none.
  std::string report;
  /// What the report counts the first input as.
  ::lcp::InputForm inputForm;

  /// A file of inputs or a folder of them, from which the ranges of integer
  /// targets come and the means that stand for missing branches. Empty: seeded
  /// inputs, with a warning, for the former; none of the latter.
  std::string calibration;
  /// FILE or NAME=FILE, one for each input of the model: inputs whose reference
  /// outputs go into the bundle for --verify. May be empty.
  std::vector<std::string> golden;
  /// A file of labels, one a line. Empty: none.
  std::string labels;
  /// For every pass manager of every phase, those of targets too.
  PassManagerSetup setUpPasses;
  /// Whether convolutions are computed as they are defined, by no transform.
  bool exactConv = false;
  /// The rest of what the bundle says; labels and golden sets are added to it.
  BundleInfo info;
};

/// Steps 1 to 5: reads the model, runs the phases up to `request.last` and
/// writes what they made: every output, or none. Reports through diagnostics.
LogicalResult compileModel(const CompileRequest &request, MLIRContext &context);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_PIPELINE_H
