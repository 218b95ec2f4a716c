//===- CompiledModel.h - A model whose units are compiled -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LOWER_COMPILEDMODEL_H
#define LCP_LOWER_COMPILEDMODEL_H

#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Lower/OutlinedModel.h"
#include "lcp/Target/Target.h"

namespace mlir::lcp {

/// What --target and --head-target chose.
struct TargetAssignment {
  /// Device i of parallel stages gets the i-th, the last repeats. Not empty.
  SmallVector<const Target *> branches;
  /// For serial stages.
  const Target *head = nullptr;

  const Target *forUnit(const Stage &stage, unsigned branch) const {
    if (!stage.parallel)
      return head;
    return branches[std::min<size_t>(stage.firstDevice + branch,
                                     branches.size() - 1)];
  }
};

struct CompiledUnit {
  const Target *target = nullptr;
  CompiledBranch branch;
  /// Of the unit as its target was given it.
  Footprint footprint;
};

/// `units[s][b]` is branch b of the model's s-th stage (merges not counted).
/// The outlined model's own modules are spent.
struct CompiledModel {
  OutlinedModel model;
  SmallVector<SmallVector<CompiledUnit, 0>, 0> units;
};

/// Has each unit compiled by its target, in order. Reports through
/// diagnostics.
FailureOr<CompiledModel> compileUnits(OutlinedModel model,
                                      const TargetAssignment &targets,
                                      const CompileSettings &settings);

} // namespace mlir::lcp

#endif // LCP_LOWER_COMPILEDMODEL_H
