//===- lcp-opt.cpp - An mlir-opt for the lcp dialect ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Quantize/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/RegisterTargets.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, mlir::lcp::LCPDialect>();
  mlir::lcp::registerLCPTransformsPasses();
  mlir::lcp::registerSimplifyPipeline();
  mlir::lcp::registerQuantizePasses();
  // Registering the targets makes their passes known.
  mlir::lcp::TargetRegistry targets;
  mlir::lcp::registerAllTargets(targets);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "LCP optimizer driver\n", registry));
}
