//===- ModuleIO.h - Modules from and to files, by suffix -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_SUPPORT_MODULEIO_H
#define LCP_TOOLS_SUPPORT_MODULEIO_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::lcp {

/// Opens a module's file, "-" being standard input, for the bytecode reader:
/// blobs in it are aligned by address, which memory from malloc need not be.
/// Null on failure, and `error` says why.
std::unique_ptr<llvm::MemoryBuffer> openModuleFile(StringRef path,
                                                   std::string &error);

/// Reads and verifies .mlir or .mlirbc (the content tells which); "-" is
/// standard input. Reports through diagnostics.
OwningOpRef<ModuleOp> readModule(StringRef path, MLIRContext *context);

/// Writes bytecode when `path` ends in .mlirbc, text otherwise; "-" is standard
/// output. Nothing is left behind on failure. Reports through diagnostics.
LogicalResult writeModule(ModuleOp module, StringRef path);

/// Has `write` fill a temporary file beside `path`, then renames it; "-" is
/// standard output. On failure `error` says what, and nothing is left behind.
LogicalResult
writeFileAtomically(StringRef path, std::string &error,
                    function_ref<LogicalResult(raw_ostream &)> write);

} // namespace mlir::lcp

#endif // LCP_TOOLS_SUPPORT_MODULEIO_H
