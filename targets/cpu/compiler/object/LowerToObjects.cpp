//===- LowerToObjects.cpp - From step functions to object files -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Threading.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/object/CodeGen.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

void mlir::lcp::cpu::registerCodeGenDialects(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void mlir::lcp::cpu::registerCodeGenPasses() {
  registerArithToLLVMConversionPass();
  registerConvertControlFlowToLLVMPass();
  registerConvertFuncToLLVMPass();
  registerConvertMathToLLVMPass();
  registerConvertVectorToLLVMPass();
  registerFinalizeMemRefToLLVMConversionPass();
  registerReconcileUnrealizedCasts();
  registerSCFToControlFlow();
}

/// Gives each step function a module of its own within `module`.
static void isolateSteps(ModuleOp module) {
  for (auto step : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    auto own = OpBuilder(step).create<ModuleOp>(step.getLoc());
    own->setAttr(kMachineAttr, module->getAttr(kMachineAttr));
    step->moveBefore(own.getBody(), own.getBody()->end());
  }
}

/// Modules within `module`, side by side.
static LogicalResult lowerToLLVMDialect(ModuleOp module,
                                        const PassManagerSetup &setUp) {
  PassManager passes(module.getContext());
  // LLVM's verifier sees what comes out, entry included; MLIR's between these
  // passes would take some 5 % of a compilation.
  passes.enableVerifier(false);
  OpPassManager &pm = passes.nest<ModuleOp>();
  pm.addNestedPass<func::FuncOp>(createEmitKernels());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  pm.addPass(createApproximateMath());
  pm.addPass(createConvertSCFToCFPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(func));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  return runPasses(passes, module, setUp);
}

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Machine &machine, Location location) {
  static bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    return true;
  }();
  (void)initialized;
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(machine.triple, error);
  if (!target) {
    emitError(location) << error;
    return nullptr;
  }
  std::string features;
  for (const std::string &feature : machine.features)
    features += (features.empty() ? "+" : ",+") + feature;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      machine.triple, machine.cpu, features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, llvm::CodeModel::Small,
      llvm::CodeGenOptLevel::Aggressive));
}

/// Kernels call nothing, so loops must not become calls of mem* functions.
static void setAttributes(llvm::Module &module, const Machine &machine) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("no-builtins");
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (!machine.tune.empty())
      function.addFnAttr("tune-cpu", machine.tune);
    if (machine.vectors.getLanes() == 16) {
      function.addFnAttr("prefer-vector-width", "512");
      function.addFnAttr("min-legal-vector-width", "512");
    }
  }
}

static void optimize(llvm::Module &module, llvm::TargetMachine &target) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  // Kernels are vectorised and unrolled already, as far as registers go.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&target, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// LLVM may be built without assertions: code that is not well-formed must not
/// reach it.
static LogicalResult verifyCode(const llvm::Module &module, Location location) {
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(module, &stream))
    return emitError(location) << "internal error: not LLVM IR: " << problem;
  return success();
}

/// Everything from LLVM IR on.
static FailureOr<Object> compile(llvm::Module &code, const Machine &machine,
                                 Location location) {
  auto target = createTargetMachine(machine, location);
  if (!target)
    return failure();
  code.setTargetTriple(machine.triple);
  code.setDataLayout(target->createDataLayout());
  code.setPICLevel(llvm::PICLevel::BigPIC);
  setAttributes(code, machine);
  if (failed(verifyCode(code, location)))
    return failure();
  optimize(code, *target);

  Object object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager emit;
  if (target->addPassesToEmitFile(emit, stream, nullptr,
                                  llvm::CodeGenFileType::ObjectFile))
    return emitError(location)
           << "LLVM cannot write objects for " << machine.triple;
  emit.run(code);
  return object;
}

static FailureOr<Object> compileEntry(const StepTable &table,
                                      const Machine &machine,
                                      Location location) {
  llvm::LLVMContext context;
  llvm::Module code("entry", context);
  addEntry(code, table);
  return compile(code, machine, location);
}

static FailureOr<Object> compileStep(ModuleOp step, const Machine &machine) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(
      step, context, "step", /*disableVerification=*/true);
  if (!code)
    return failure();
  // Linked to the entry and to nothing else. Its name stays, for profiles.
  for (llvm::Function &function : *code)
    if (!function.isDeclaration())
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
  return compile(*code, machine, step.getLoc());
}

FailureOr<std::vector<Object>>
mlir::lcp::cpu::lowerToObjects(ModuleOp module, const StepTable &table,
                               const Machine &machine,
                               const PassManagerSetup &setUp) {
  isolateSteps(module);
  if (failed(lowerToLLVMDialect(module, setUp)))
    return failure();
  auto steps = llvm::to_vector(module.getOps<ModuleOp>());
  std::vector<Object> objects(steps.size() + 1);
  auto compileInto = [](Object &place, FailureOr<Object> object) {
    if (failed(object))
      return failure();
    place = std::move(*object);
    return success();
  };
  // Before the others: what is wrong with the machine is said once.
  if (failed(compileInto(objects.back(),
                         compileEntry(table, machine, module.getLoc()))) ||
      failed(failableParallelForEachN(
          module.getContext(), 0, steps.size(), [&](size_t i) {
            return compileInto(objects[i], compileStep(steps[i], machine));
          })))
    return failure();
  return objects;
}
