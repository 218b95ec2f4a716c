//===- OutlinedModel.h - A model as units and merges ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LOWER_OUTLINEDMODEL_H
#define LCP_LOWER_OUTLINEDMODEL_H

#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <variant>
#include <vector>

namespace mlir::lcp {

/// One branch of a parallel stage, or the one branch of a serial stage.
struct Unit {
  /// One public func.func of plain lcp ops, named like "s0.b2".
  OwningOpRef<ModuleOp> module;
  /// Indices into OutlinedModel::values, in the order of the function's
  /// signature.
  SmallVector<uint32_t> inputs, outputs;
  /// Of the model as it came: an integer model's multipliers do not count.
  Footprint footprint;
};

struct Stage {
  /// Parallel: its units are for different devices. Serial: one unit, for the
  /// coordinator.
  bool parallel = false;
  /// Of a parallel one: unit b is for device `firstDevice + b`.
  unsigned firstDevice = 0;
  SmallVector<Unit, 0> units;
};

struct MergeStep {
  MergeKind kind;
  int64_t axis;
  SmallVector<uint32_t> inputs;
  uint32_t output;
  /// Empty: as the operands come.
  SmallVector<int64_t> order;
};

/// A model after outlining: the steps of one inference, in order. Values name
/// the tensors between them.
struct OutlinedModel {
  struct Value {
    std::string name;
    RankedTensorType type;
  };
  std::string name;
  std::vector<Value> values;
  SmallVector<uint32_t> inputs, outputs;
  SmallVector<std::variant<Stage, MergeStep>, 0> steps;
  /// The factor that the model was split by, or the number of branches of the
  /// widest parallel stage if that is larger; 1 when there is neither.
  uint32_t split = 1;
  /// That parallel stages use; 0 when there is none.
  uint32_t devices = 0;
  /// False when connections between branches were removed and the model was
  /// not trained since: its answers mean nothing yet. The widths form, which
  /// computes the original function, needs no training.
  bool trainedAfterSplit = true;
};

/// Step 4's first half: cuts @main of `module` into units; the module gains an
/// lcp.identity where a result is an argument or a constant. Weights are shared
/// by handle, not copied. Reports through diagnostics. Every value that a step
/// reads is an input of the model or the output of an earlier step, and
/// every output of the model is written by a step.
FailureOr<OutlinedModel> outlineModel(ModuleOp module);

} // namespace mlir::lcp

#endif // LCP_LOWER_OUTLINEDMODEL_H
