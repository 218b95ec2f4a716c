//===- Pipeline.cpp - The order of the compiler's steps ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Pipeline/Pipeline.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Pipeline/Golden.h"
#include "lcp/Quantize/Quantize.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lcp;

static constexpr std::pair<Phase, llvm::StringLiteral> kPhases[] = {
    {Phase::Import, "import"},       {Phase::Simplify, "simplify"},
    {Phase::Calibrate, "calibrate"}, {Phase::Outline, "outline"},
    {Phase::Quantize, "quantize"},   {Phase::Compile, "compile"},
    {Phase::Bundle, "bundle"}};

// Without a calibration set the ranges are those of this many seeded inputs.
static constexpr unsigned kSeededSamples = 8;
static constexpr uint64_t kSeed = 1;

std::optional<Phase> mlir::lcp::parsePhase(StringRef name) {
  for (auto [phase, phaseName] : kPhases)
    if (phaseName == name)
      return phase;
  return std::nullopt;
}

std::string mlir::lcp::getPhaseNames() {
  return llvm::join(llvm::make_second_range(kPhases), ", ");
}

static LogicalResult simplify(ModuleOp module) {
  PassManager passes(module.getContext());
  buildSimplifyPipeline(passes);
  return passes.run(module);
}

static bool needsCalibration(const TargetAssignment &targets) {
  return targets.head->needsCalibration() ||
         llvm::any_of(targets.branches, [](const Target *target) {
           return target->needsCalibration();
         });
}

static LogicalResult calibrateMain(ModuleOp module,
                                   const PipelineOptions &options) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!needsCalibration(options.targets) || !main)
    return success();
  if (!options.calibration.empty())
    return calibrate(main, options.calibration);
  emitWarning(UnknownLoc::get(module.getContext()))
      << "calibrated on " << kSeededSamples
      << " seeded inputs, which say little about real ones; give --calibrate";
  return calibrate(main, makeSeededSamples(main, kSeededSamples, kSeed));
}

static LogicalResult quantizeUnits(Program &program,
                                   const TargetAssignment &targets) {
  for (auto &step : program.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    for (auto [i, unit] : llvm::enumerate(stage->units)) {
      const Target *target = targets.forUnit(*stage, i);
      if (!target->needsCalibration())
        continue;
      FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
      if (failed(function) || failed(target->prepareForQuantize(*function)) ||
          failed(quantize(*function)))
        return failure();
    }
  }
  return success();
}

static void printProgram(Program &program, raw_ostream &stream) {
  auto printIds = [&](ArrayRef<uint32_t> ids) {
    llvm::interleaveComma(ids, stream, [&](uint32_t id) {
      stream << program.values[id].name << " : " << program.values[id].type;
    });
  };
  for (auto &step : program.steps) {
    if (auto *merge = std::get_if<MergeStep>(&step)) {
      stream << "// merge " << stringifyMergeKind(merge->kind) << " (";
      printIds(merge->inputs);
      stream << ") -> ";
      printIds(merge->output);
      stream << "\n";
      continue;
    }
    auto &stage = std::get<Stage>(step);
    stream << "// stage, " << (stage.parallel ? "parallel" : "serial") << ", "
           << stage.units.size() << " branches\n";
    for (Unit &unit : stage.units) {
      stream << "// (";
      printIds(unit.inputs);
      stream << ") -> (";
      printIds(unit.outputs);
      stream << ")\n" << *unit.module << "\n";
    }
  }
}

static void printCompiled(const CompiledProgram &compiled,
                          raw_ostream &stream) {
  for (auto [s, units] : llvm::enumerate(compiled.units))
    for (auto [b, unit] : llvm::enumerate(units)) {
      stream << "s" << s << ".b" << b << " for " << unit.target->getName()
             << "\n";
      for (const CompiledPart &part : unit.branch.parts)
        stream << "  part on " << part.driver << " (" << part.isa
               << "): " << part.code.bytes.size() << " bytes of code, "
               << part.weights.bytes.size() << " of weights, "
               << part.arenaBytes << " of arena, " << part.layers.size()
               << " layers\n";
    }
}

FailureOr<std::optional<PipelineResult>>
mlir::lcp::runPipeline(ModuleOp module, const PipelineOptions &options) {
  using Result = std::optional<PipelineResult>;
  auto isLast = [&](Phase phase) { return options.last == phase; };
  auto stopWithModule = [&]() -> FailureOr<Result> {
    module->print(*options.dump);
    return Result();
  };
  auto stopWithProgram = [&](Program &program) -> FailureOr<Result> {
    printProgram(program, *options.dump);
    return Result();
  };

  if (isLast(Phase::Import))
    return stopWithModule();
  if (failed(simplify(module)))
    return failure();
  if (isLast(Phase::Simplify))
    return stopWithModule();
  if (failed(calibrateMain(module, options)))
    return failure();
  if (isLast(Phase::Calibrate))
    return stopWithModule();

  FailureOr<Program> program = outlineProgram(module);
  if (failed(program))
    return failure();
  if (isLast(Phase::Outline))
    return stopWithProgram(*program);
  FailureOr<ProgramFootprint> footprint = measureProgram(module, *program);
  if (failed(footprint))
    return failure();
  if (failed(quantizeUnits(*program, options.targets)))
    return failure();
  if (isLast(Phase::Quantize))
    return stopWithProgram(*program);

  PipelineResult result;
  result.footprint = std::move(*footprint);
  if (options.golden) {
    auto outputs = evaluateProgram(*program, *options.golden);
    if (failed(outputs))
      return failure();
    result.golden = GoldenPair{*options.golden, std::move(*outputs)};
  }
  FailureOr<CompiledProgram> compiled =
      compileProgram(std::move(*program), options.targets);
  if (failed(compiled))
    return failure();
  result.compiled = std::move(*compiled);
  if (isLast(Phase::Compile)) {
    printCompiled(result.compiled, *options.dump);
    return Result();
  }
  return Result(std::move(result));
}
