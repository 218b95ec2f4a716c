//===- Report.h - What was compiled, for people and for scripts -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON object is the report; text and HTML are views of it and know nothing
// else. docs/report.md describes its fields.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_REPORT_REPORT_H
#define LCP_REPORT_REPORT_H

#include "common/traffic/WireBytes.h"
#include "lcp/Analysis/Cost/Footprint.h"
#include "lcp/Lower/CompiledModel.h"
#include "llvm/Support/JSON.h"

namespace mlir::lcp {

/// The first input on its way to the calls that read it.
struct InputTraffic {
  ::lcp::InputForm::Kind form = ::lcp::InputForm::Kind::Elements;
  /// To each of them.
  uint64_t bytes = 0;
  unsigned receivers = 0;
};

/// What a model asks of its devices. Counted before the model is quantised and
/// compiled: quantising adds multipliers, and compiling consumes the units.
struct ModelFootprint {
  NetworkFootprint network;
  /// `units[s][b]` is branch b of the model's s-th stage (merges not
  /// counted), as in CompiledModel.
  SmallVector<SmallVector<UnitFootprint, 0>, 0> units;
  InputTraffic input;
  ::lcp::WireBytes wire;
};

/// Counts `model`, which was outlined from `module` and still has its units,
/// and whose first input goes in that form. How long devices are silent is
/// modelled for that device; where its file cannot be read, or does not say how
/// fast it is, they are not.
FailureOr<ModelFootprint> measureModel(ModuleOp module,
                                       const OutlinedModel &model,
                                       const ::lcp::InputForm &input,
                                       StringRef deviceName);

/// `commandLine` is what made it, for the reader to repeat, and `plan`
/// is the one by which the model was divided, empty for none. Devices whose
/// target's device file cannot be read have no modelled times.
llvm::json::Object makeReport(const CompiledModel &compiled,
                              const ModelFootprint &footprint,
                              StringRef commandLine, StringRef plan);

/// The report as tables: branches and layers (of equal branches, the first's),
/// then devices, and a line for every layer that did not go where its branch
/// went.
void printTextReport(const llvm::json::Object &report, raw_ostream &stream);

/// The report as one HTML page that needs no other file: a script in it draws
/// the branches, the devices, what runs elsewhere and the layers.
void printHtmlReport(const llvm::json::Object &report, raw_ostream &stream);

} // namespace mlir::lcp

#endif // LCP_REPORT_REPORT_H
