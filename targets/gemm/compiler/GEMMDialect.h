//===- GEMMDialect.h - The engine's commands as operations ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_GEMMDIALECT_H
#define LCP_TARGETS_GEMM_COMPILER_GEMMDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "targets/gemm/compiler/GEMMDialect.h.inc"

#define GET_OP_CLASSES
#include "targets/gemm/compiler/GEMMOps.h.inc"

#endif // LCP_TARGETS_GEMM_COMPILER_GEMMDIALECT_H
