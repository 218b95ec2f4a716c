//===- lcp-opt.cpp - An mlir-opt for the lcp dialect ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Quantize/Passes.h"
#include "lcp/Split/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/RegisterTargets.h"

/// The command line with what mlir-opt's own defaults lack: an output named
/// *.mlirbc is bytecode, and a diagnostic is one line, without the IR.
static llvm::SmallVector<char *> completeArguments(int argc, char **argv) {
  static char bytecode[] = "--emit-bytecode";
  static char brief[] = "--mlir-print-op-on-diagnostic=false";
  llvm::SmallVector<char *> args(argv, argv + argc);
  bool wantsBytecode = false, saysBytecode = false, saysBrief = false;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef arg(argv[i]);
    saysBytecode |= arg.ltrim('-').starts_with("emit-bytecode");
    saysBrief |= arg.ltrim('-').starts_with("mlir-print-op-on-diagnostic");
    bool value = i > 1 && llvm::StringRef(argv[i - 1]).ltrim('-') == "o";
    wantsBytecode |= arg.ends_with(".mlirbc") &&
                     (value || arg.starts_with("-o=") ||
                      arg.starts_with("--o="));
  }
  if (wantsBytecode && !saysBytecode)
    args.push_back(bytecode);
  if (!saysBrief)
    args.push_back(brief);
  return args;
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, mlir::lcp::LCPDialect>();
  mlir::lcp::registerLCPTransformsPasses();
  mlir::lcp::registerSimplifyPipeline();
  mlir::lcp::registerQuantizePasses();
  mlir::lcp::registerLCPSplitPasses();
  mlir::lcp::registerSplitPipeline();
  // Registering the targets makes their passes known.
  mlir::lcp::TargetRegistry targets;
  mlir::lcp::registerAllTargets(targets);
  llvm::SmallVector<char *> args = completeArguments(argc, argv);
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      args.size(), args.data(), "LCP optimizer driver\n", registry));
}
