//===- LCPCPUDialect.h - What the CPU target decides ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUDIALECT_H
#define LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h.inc"
#include "targets/cpu/compiler/dialect/LCPCPUEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "targets/cpu/compiler/dialect/LCPCPUAttributes.h.inc"

#define GET_OP_CLASSES
#include "targets/cpu/compiler/dialect/LCPCPUOps.h.inc"

namespace mlir::lcp::cpu {

/// The names under which decisions are found; the dialect's page says on what.
inline constexpr llvm::StringLiteral kMachineAttr = "lcp_cpu.machine";
inline constexpr llvm::StringLiteral kLayoutAttr = "lcp_cpu.layout";
inline constexpr llvm::StringLiteral kNonNegativeAttr = "lcp_cpu.non_negative";
inline constexpr llvm::StringLiteral kFitsDoubleAttr = "lcp_cpu.fits_double";
inline constexpr llvm::StringLiteral kViewAttr = "lcp_cpu.view";
inline constexpr llvm::StringLiteral kScheduleAttr = "lcp_cpu.schedule";
inline constexpr llvm::StringLiteral kOffsetAttr = "lcp_cpu.offset";
inline constexpr llvm::StringLiteral kOutputAttr = "lcp_cpu.output";
inline constexpr llvm::StringLiteral kArenaBytesAttr = "lcp_cpu.arena_bytes";

/// The machine of the module that `op` is in. Emits an error where it has none.
FailureOr<MachineAttr> getMachineOf(Operation *op);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUDIALECT_H
