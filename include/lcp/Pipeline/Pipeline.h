//===- Pipeline.h - The order of the compiler's steps --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_PIPELINE_PIPELINE_H
#define LCP_PIPELINE_PIPELINE_H

#include "lcp/Bundle/Writer.h"
#include "lcp/Target/Target.h"
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

/// What to compile, for what, and where to.
struct CompileRequest {
  /// A name ending in .onnx is an ONNX model; anything else, "-" (standard
  /// input) included, is a module, text or bytecode as its first bytes tell.
  std::string model;

  /// Branch i of a parallel stage is for the i-th, the last repeats. Not empty.
  SmallVector<const Target *> targets;
  /// For serial stages. Without one, those of a divided model are for
  /// `hereTarget`, and a model without branches for the first of `targets`.
  const Target *headTarget = nullptr;
  /// The machine that the coordinator most likely runs on.
  const Target *hereTarget = nullptr;

  Phase last = Phase::Bundle;
  /// The bundle, or the IR or schedule after an earlier phase.
  std::string output;
  /// One more bundle a branch.
  bool perBranch = false;
  /// A .txt, .json or .html file; empty: none.
  std::string report;

  /// A tensor's file or a folder of them; empty: seeded inputs, with a warning.
  std::string calibration;
  /// FILE or NAME=FILE, one for each input of the model: inputs whose reference
  /// outputs go into the bundle for --verify. May be empty.
  std::vector<std::string> golden;
  /// One label a line; empty: none.
  std::string labels;
  /// What else the bundle says; labels and golden sets are added.
  BundleInfo info;
};

/// Steps 1 to 5: reads the model, runs the phases up to `request.last` and
/// writes what they made: every output, or none. Reports through diagnostics.
LogicalResult compileModel(const CompileRequest &request, MLIRContext &context);

} // namespace mlir::lcp

#endif // LCP_PIPELINE_PIPELINE_H
