//===- lcp-opt.cpp - An mlir-opt for the lcp dialect ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Printable.h"
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
#include "mlir/Transforms/Passes.h"
#include "tools/RegisterTargets.h"
#include "tools/support/Diagnostics.h"
#include "tools/support/MLIROptions.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lcp;

/// What follows mlir-opt's own set-up of a pass manager, which is the first
/// place to see its context. Diagnostics become those of the other tools:
/// mlir-opt names file and line, which a model from bytecode does not have. And
/// the output, unlike what passes print, is whole and, in a file, has names.
static void setUpPasses(MlirOptMainConfig &config, bool keepNames) {
  auto brief = std::make_shared<std::optional<ShortResources>>(std::in_place);
  config.setPassPipelineSetupFn(
      [brief, keepNames, original = config](PassManager &passes) {
        brief->reset();
        if (keepNames)
          setOptionDefault("mlir-print-debuginfo", "true");
        if (!original.shouldVerifyDiagnostics())
          passes.getContext()->getDiagEngine().registerHandler(
              [](Diagnostic &diagnostic) { printLine(diagnostic, "lcp-opt"); });
        return original.setupPassPipeline(passes);
      });
}

static LogicalResult fail(llvm::Error problem) {
  llvm::errs() << "lcp-opt: error: "
               << ::lcp::printable(llvm::toString(std::move(problem))) << '\n';
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
  // A diagnostic is one line, without the IR.
  setOptionDefault("mlir-print-op-on-diagnostic", "false");
  // Names are in locations, which clutter text on a terminal.
  setUpPasses(config, /*keepNames=*/output != "-");
  auto file = openModuleFile(input);
  if (!file)
    return fail(file.takeError());
  OutputFiles outputs;
  llvm::Expected<llvm::raw_ostream &> stream = outputs.open(output);
  if (!stream)
    return fail(stream.takeError());
  if (failed(MlirOptMain(*stream, std::move(*file), registry, config)))
    return failure();
  if (llvm::Error error = outputs.commit())
    return fail(std::move(error));
  return success();
}

/// Those of MLIR but remove-dead-values: LLVM 19's erases what lcp.yield reads,
/// for liveness it sees only where an op with regions says where values go.
static void registerStockPasses() {
  registerCSEPass();
  registerCanonicalizerPass();
  registerCompositeFixedPointPass();
  registerControlFlowSinkPass();
  registerGenerateRuntimeVerificationPass();
  registerInlinerPass();
  registerLocationSnapshotPass();
  registerLoopInvariantCodeMotionPass();
  registerLoopInvariantSubsetHoistingPass();
  registerMem2RegPass();
  registerPrintIRPass();
  registerPrintOpStatsPass();
  registerSCCPPass();
  registerSROAPass();
  registerStripDebugInfoPass();
  registerSymbolDCEPass();
  registerSymbolPrivatizePass();
  registerTopologicalSortPass();
  registerViewOpGraphPass();
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  registry.insert<func::FuncDialect, LCPDialect>();
  registerStockPasses();
  registerLCPTransformsPasses();
  registerSimplifyPipeline();
  registerQuantizePasses();
  registerSplitPasses(openReferenceJudge);
  // Registering the targets makes their passes known, and their dialects.
  TargetRegistry targets;
  registerAllTargets(targets);
  targets.registerDialects(registry);
  llvm::InitLLVM init(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "LCP optimizer driver\n", registry);
  return asMainReturnCode(optimize(input, output, registry));
}
