//===- Program.h - The calls that make up a unit, and their weights ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_OBJECT_PROGRAM_H
#define LCP_TARGETS_CPU_COMPILER_OBJECT_PROGRAM_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/cpu/compiler/machine/Machine.h"
#include <map>
#include <string>
#include <tuple>
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
  /// The layer's name: that of the location.
  std::string layer;
  /// In the order of the kernel's arguments, the result last.
  std::vector<BufferRef> buffers;
};

struct Program {
  std::vector<StepCall> steps;
  std::vector<char> weights;
  uint64_t arenaBytes = 0;
  unsigned numInputs = 0, numOutputs = 0;
};

/// Reads the calls of the planned unit function and packs the constants that
/// they are given into the order in which their kernels read them. Step
/// functions must still hold their lcp ops.
Program buildProgram(func::FuncOp function, const VectorUnit &unit);

/// Appends constants to a blob in the order in which kernels read them; equal
/// constants for the same kernel once.
class WeightPacker {
public:
  WeightPacker(std::vector<char> &blob, const VectorUnit &unit)
      : blob(blob), unit(unit) {}

  /// Packs argument `argument` of `step`, given `value`, the result of an
  /// lcp.constant; returns its place in the blob.
  uint64_t pack(func::FuncOp step, unsigned argument, Value value);

private:
  std::vector<char> &blob;
  VectorUnit unit;
  std::map<std::tuple<const void *, int64_t, const void *, unsigned>, uint64_t>
      packed;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_OBJECT_PROGRAM_H
