//===- ModuleFile.h - Modules from and to files -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SUPPORT_MODULEFILE_H
#define LCP_SUPPORT_MODULEFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::lcp {

/// Reads a module's file ("-": standard input) into memory that is aligned as
/// the bytecode reader wants it, since blobs in the file are used where they
/// lie. Refuses a file that is evidently neither text nor bytecode.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openModuleFile(StringRef path);

/// Reads and verifies .mlir or .mlirbc (the content tells which); "-" is
/// standard input. Reports through diagnostics.
OwningOpRef<ModuleOp> readModule(StringRef path, MLIRContext *context);

/// Writes bytecode when `path` ends in .mlirbc, text otherwise; "-" is standard
/// output. Nothing is left behind on failure. Reports through diagnostics.
LogicalResult writeModule(ModuleOp module, StringRef path);

} // namespace mlir::lcp

#endif // LCP_SUPPORT_MODULEFILE_H
