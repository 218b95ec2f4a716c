//===- StepTable.h - The calls that make up a unit --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_OBJECT_STEPTABLE_H
#define LCP_TARGETS_CPU_COMPILER_OBJECT_STEPTABLE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace mlir::lcp::cpu {

/// Where a kernel finds a buffer.
struct BufferRef {
  enum Kind { Arena, Weights, Input, Output } kind;
  /// Bytes from the start of arena or weights; the number of the input or
  /// output.
  uint64_t position;
};

struct StepCall {
  std::string kernel;
  /// The layer's name: that of the location, "conv1 (layout)" of a conversion.
  std::string layer;
  /// In the order of the kernel's arguments, the result last.
  std::vector<BufferRef> buffers;
};

/// What the executable's entry dispatches: call i is step i of a run.
struct StepTable {
  std::vector<StepCall> steps;
  uint64_t arenaBytes = 0, weightBytes = 0;
  unsigned numInputs = 0, numOutputs = 0;
};

/// Reads the calls of the planned unit function, whose step functions are
/// scheduled and not emitted yet. Appends the constants that they are given to
/// `weights`, in the order in which their kernels read them.
StepTable buildStepTable(func::FuncOp function, std::vector<char> &weights);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_OBJECT_STEPTABLE_H
