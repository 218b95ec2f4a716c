//===- lcp-translate.cpp - ONNX to the lcp dialect and back ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Import/ONNX/Import.h"
#include "tools/support/Diagnostics.h"
#include "tools/support/ModuleIO.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
using namespace mlir::lcp;

static llvm::cl::OptionCategory category("lcp-translate");
static llvm::cl::opt<bool> import("import-onnx", llvm::cl::cat(category),
                                  llvm::cl::desc("Read ONNX, write lcp"));
static llvm::cl::opt<std::string> input(llvm::cl::Positional,
                                        llvm::cl::desc("<input file>"),
                                        llvm::cl::Required,
                                        llvm::cl::cat(category));
static llvm::cl::opt<std::string>
    output("o", llvm::cl::desc("Output file; .mlir is text, .mlirbc bytecode"),
           llvm::cl::value_desc("file"), llvm::cl::init("-"),
           llvm::cl::cat(category));
static llvm::cl::list<std::string>
    shapes("shape", llvm::cl::desc("Shape of an input whose file leaves it open"),
           llvm::cl::value_desc("NAME=1x3x224x224"), llvm::cl::cat(category));

static LogicalResult importModel(MLIRContext &context) {
  ONNXImportOptions options;
  for (const std::string &shape : shapes) {
    std::string error;
    if (failed(parseONNXShape(shape, options, error)))
      return emitError(UnknownLoc::get(&context)) << error;
  }
  OwningOpRef<ModuleOp> module = importONNX(input, context, options);
  return module ? writeModule(*module, output) : failure();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::HideUnrelatedOptions(category);
  llvm::cl::ParseCommandLineOptions(
      argc, argv, "Translates between ONNX files and the lcp dialect\n");
  MLIRContext context(MLIRContext::Threading::DISABLED);
  LineDiagnostics diagnostics(&context, "lcp-translate");
  return succeeded(importModel(context)) ? 0 : 1;
}
