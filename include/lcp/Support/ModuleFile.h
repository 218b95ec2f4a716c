//===- ModuleFile.h - Modules from and to files --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SUPPORT_MODULEFILE_H
#define LCP_SUPPORT_MODULEFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::lcp {

/// Opens a module's file, "-" being standard input, for the bytecode reader:
/// blobs in it are aligned by address, which memory from malloc need not be.
/// Null on failure, and `error` says why; a file that is evidently neither text
/// nor bytecode is refused here, in a line.
std::unique_ptr<llvm::MemoryBuffer> openModuleFile(StringRef path,
                                                   std::string &error);

/// Reads and verifies .mlir or .mlirbc (the content tells which); "-" is
/// standard input. Reports through diagnostics.
OwningOpRef<ModuleOp> readModule(StringRef path, MLIRContext *context);

/// Writes bytecode when `path` ends in .mlirbc, text otherwise; "-" is standard
/// output. Nothing is left behind on failure. Reports through diagnostics.
LogicalResult writeModule(ModuleOp module, StringRef path);

} // namespace mlir::lcp

#endif // LCP_SUPPORT_MODULEFILE_H
