//===- Machine.h - What code generation knows of a CPU ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H
#define LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"
#include <string>
#include <vector>

namespace mlir::lcp::cpu {

/// What the object file is made for.
struct Machine {
  std::string triple;
  /// LLVM's names; `tune` only orders instructions.
  std::string cpu, tune;
  /// Features that the code may use, by LLVM's names; the driver checks them.
  std::vector<std::string> features;
  /// What layouts and schedules depend on.
  MachineAttr vectors;
};

/// Reads NAME.yaml of the folder of devices. Reports at `location` what is
/// wrong. The context must have the dialect lcp_cpu loaded.
FailureOr<Machine> getMachine(llvm::StringRef device, Location location);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_MACHINE_MACHINE_H
