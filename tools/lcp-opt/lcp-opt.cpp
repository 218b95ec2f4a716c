//===- lcp-opt.cpp - An mlir-opt for the lcp dialect ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Pipeline/Judge.h"
#include "lcp/Quantize/Passes.h"
#include "lcp/Split/Passes.h"
#include "lcp/Support/ModuleFile.h"
#include "lcp/Support/OutputFiles.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/RegisterTargets.h"
#include "tools/support/Diagnostics.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lcp;

/// The command line with what mlir-opt's own default lacks: a diagnostic is one
/// line, without the IR.
static llvm::SmallVector<char *> completeArguments(int argc, char **argv) {
  static char brief[] = "--mlir-print-op-on-diagnostic=false";
  llvm::SmallVector<char *> args(argv, argv + argc);
  if (llvm::none_of(args, [](StringRef arg) {
        return arg.ltrim('-').starts_with("mlir-print-op-on-diagnostic");
      }))
    args.push_back(brief);
  return args;
}

/// Files keep names, which are in locations; text on a terminal is for reading.
static void printLocations() {
  auto &options = llvm::cl::getRegisteredOptions();
  llvm::cl::Option *option = options.lookup("mlir-print-debuginfo");
  if (option->getNumOccurrences() == 0)
    option->addOccurrence(0, option->ArgStr, "true");
}

/// mlir-opt says where by file and line, which a model from bytecode has not;
/// so from the first pass on diagnostics are those of the other tools. The
/// context is mlir-opt's, and first seen here.
static void printPassDiagnostics(MlirOptMainConfig &config) {
  if (config.shouldVerifyDiagnostics())
    return;
  config.setPassPipelineSetupFn([original = config](PassManager &passes) {
    passes.getContext()->getDiagEngine().registerHandler(
        [](Diagnostic &diagnostic) { printLine(diagnostic, "lcp-opt"); });
    return original.setupPassPipeline(passes);
  });
}

static LogicalResult fail(StringRef problem) {
  llvm::errs() << "lcp-opt: error: " << problem << '\n';
  return failure();
}

/// mlir-opt on an aligned buffer; an output named *.mlirbc is bytecode.
static LogicalResult optimize(StringRef input, StringRef output,
                              DialectRegistry &registry) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects())
    return MlirOptMain(llvm::outs(), nullptr, registry, config);
  // Nobody reads /dev/null; text would be printed for it all the same.
  if (output.ends_with(".mlirbc") || output == "/dev/null")
    config.emitBytecode(true);
  if (output != "-")
    printLocations();
  printPassDiagnostics(config);
  std::string problem;
  std::unique_ptr<llvm::MemoryBuffer> file = openModuleFile(input, problem);
  if (!file)
    return fail(problem);
  OutputFiles outputs;
  llvm::Expected<llvm::raw_ostream &> stream = outputs.open(output);
  if (!stream)
    return fail(llvm::toString(stream.takeError()));
  if (failed(MlirOptMain(*stream, std::move(file), registry, config)))
    return failure();
  if (llvm::Error error = outputs.commit())
    return fail(llvm::toString(std::move(error)));
  return success();
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  registry.insert<func::FuncDialect, LCPDialect>();
  registerOutputJudge(registry);
  registerLCPTransformsPasses();
  registerSimplifyPipeline();
  registerQuantizePasses();
  registerLCPSplitPasses();
  registerSplitPipeline();
  // Registering the targets makes their passes known, and their dialects.
  TargetRegistry targets;
  registerAllTargets(targets);
  targets.registerDialects(registry);
  llvm::InitLLVM init(argc, argv);
  llvm::SmallVector<char *> args = completeArguments(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(
      args.size(), args.data(), "LCP optimizer driver\n", registry);
  return asMainReturnCode(optimize(input, output, registry));
}
