//===- Machine.h - What code generation knows of a CPU ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H
#define LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LogicalResult.h"
#include <cstdint>
#include <string>
#include <vector>

namespace mlir::lcp::cpu {

/// The figures that tile sizes and layouts are chosen from.
struct VectorUnit {
  /// f32 elements of a vector register: 4, 8 or 16.
  int64_t lanes = 8;
  /// Vector registers.
  int64_t registers = 16;
  /// Whether a multiply-add can take one lane of a register as its scalar
  /// operand, as on arm64; otherwise it broadcasts a scalar from memory.
  bool laneOperand = false;
};

/// What the object file is made for.
struct Machine {
  std::string triple;
  /// LLVM's names; `tune` only orders instructions.
  std::string cpu, tune;
  /// Features that the code may use, by LLVM's names; the driver checks them.
  std::vector<std::string> features;
  VectorUnit vector;
};

/// Reads targets/devices/NAME.yaml. Reports at `location` what is wrong.
FailureOr<Machine> getMachine(llvm::StringRef device, Location location);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H
