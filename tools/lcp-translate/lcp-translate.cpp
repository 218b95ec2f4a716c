//===- lcp-translate.cpp - ONNX to the lcp dialect and back ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Export/ONNX/Export.h"
#include "lcp/Import/ONNX/Import.h"
#include "lcp/Support/ModuleFile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tools/support/Diagnostics.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
using namespace mlir::lcp;

static llvm::cl::OptionCategory category("lcp-translate");
static llvm::cl::opt<bool> doImport("import-onnx", llvm::cl::cat(category),
                                    llvm::cl::desc("Read ONNX, write lcp"));
static llvm::cl::opt<bool> doExport("export-onnx", llvm::cl::cat(category),
                                    llvm::cl::desc("Read lcp, write ONNX"));
static llvm::cl::opt<std::string> input(llvm::cl::Positional,
                                        llvm::cl::desc("<input file>"),
                                        llvm::cl::Required,
                                        llvm::cl::cat(category));
static llvm::cl::opt<std::string>
    output("o", llvm::cl::desc("Output file; .mlir is text, .mlirbc bytecode"),
           llvm::cl::value_desc("file"), llvm::cl::init("-"),
           llvm::cl::cat(category));
static llvm::cl::list<std::string>
    shapes("shape",
           llvm::cl::desc("Shape of an input whose file leaves it open"),
           llvm::cl::value_desc("NAME=1x3x224x224"), llvm::cl::cat(category));
static llvm::cl::opt<uint64_t> externalDataOver(
    "external-data-over",
    llvm::cl::desc("Write weights of more bytes than this to a file beside the "
                   "model; by default only what protobuf cannot hold"),
    llvm::cl::init(ONNXExportOptions().externalDataOver),
    llvm::cl::cat(category));

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

static LogicalResult exportModel(MLIRContext &context) {
  context.loadDialect<func::FuncDialect, LCPDialect>();
  OwningOpRef<ModuleOp> module = readModule(input, &context);
  if (!module)
    return failure();
  ONNXExportOptions options;
  options.externalDataOver = externalDataOver;
  return exportONNX(*module, output, options);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::HideUnrelatedOptions(category);
  llvm::cl::ParseCommandLineOptions(
      argc, argv, "Translates between ONNX files and the lcp dialect\n");
  MLIRContext context(MLIRContext::Threading::DISABLED);
  LineDiagnostics diagnostics(&context, "lcp-translate");
  if (doImport == doExport) {
    emitError(UnknownLoc::get(&context))
        << "give one of --import-onnx and --export-onnx";
    return 1;
  }
  return succeeded(doImport ? importModel(context) : exportModel(context)) ? 0
                                                                           : 1;
}
