//===- Pipeline.cpp - The order of the compiler's steps ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Pipeline/Pipeline.h"
#include "Means.h"
#include "Print.h"
#include "Samples.h"
#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Import/ONNX/Import.h"
#include "lcp/Pipeline/Golden.h"
#include "lcp/Quantize/Quantize.h"
#include "lcp/Report/Report.h"
#include "lcp/Support/ModuleFile.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/DebugStringHelper.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lcp;

static constexpr std::pair<Phase, llvm::StringLiteral> kPhases[] = {
    {Phase::Import, "import"},       {Phase::Simplify, "simplify"},
    {Phase::Calibrate, "calibrate"}, {Phase::Outline, "outline"},
    {Phase::Quantize, "quantize"},   {Phase::Compile, "compile"},
    {Phase::Bundle, "bundle"}};

// Without a calibration set, ranges are measured on this many seeded inputs.
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

/// Within which limits units for `target` become integer models, if at all.
static std::optional<QuantSpec> getQuantSpec(const Target &target, bool int8) {
  return int8 || target.prefersIntegers() ? target.getQuantSpec()
                                          : std::nullopt;
}

static bool needsCalibration(const TargetAssignment &targets, bool int8) {
  return getQuantSpec(*targets.head, int8) ||
         llvm::any_of(targets.branches, [&](const Target *target) {
           return getQuantSpec(*target, int8).has_value();
         });
}

// Their means over the calibration set stand for a branch that is missing.
static bool concatenatesBranches(func::FuncOp main) {
  return main
      .walk([](MergeOp merge) {
        return merge.getKind() == MergeKind::Concat ? WalkResult::interrupt()
                                                    : WalkResult::advance();
      })
      .wasInterrupted();
}

static LogicalResult calibrateMain(func::FuncOp main,
                                   const TargetAssignment &targets, bool int8,
                                   ArrayRef<Sample> samples) {
  if (!needsCalibration(targets, int8)) {
    if (!samples.empty() && !concatenatesBranches(main))
      emitWarning(UnknownLoc::get(main.getContext()))
          << "--calibrate has no effect: no target here computes in integers, "
             "and no branches are concatenated";
    return success();
  }
  if (!samples.empty())
    return calibrate(main, samples);
  emitWarning(UnknownLoc::get(main.getContext()))
      << "calibrated on " << kSeededSamples
      << " seeded inputs, which say little about real ones; give --calibrate";
  return calibrate(main, makeSeededSamples(main, kSeededSamples, kSeed));
}

static LogicalResult quantizeUnits(OutlinedModel &model,
                                   const TargetAssignment &targets, bool int8,
                                   const PassManagerSetup &setUp) {
  for (auto &step : model.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    for (auto [i, unit] : llvm::enumerate(stage->units)) {
      const Target *target = targets.forUnit(*stage, i);
      std::optional<QuantSpec> spec = getQuantSpec(*target, int8);
      if (!spec)
        continue;
      FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
      if (failed(function) ||
          failed(target->prepareForQuantize(*function, setUp)) ||
          failed(quantize(*function, *spec)))
        return failure();
    }
  }
  return success();
}

static std::vector<std::vector<char>>
rawTensors(ArrayRef<reference::Tensor> tensors) {
  std::vector<std::vector<char>> result;
  for (const reference::Tensor &tensor : tensors)
    tensor.writeRaw(result.emplace_back(getByteSize(tensor.type)));
  return result;
}

namespace {
/// One request on its way through the phases, with what they have made so far.
class Compilation {
public:
  Compilation(const CompileRequest &request, MLIRContext &context)
      : request(request), context(context), info(request.info) {}
  LogicalResult run();

private:
  InFlightDiagnostic error() { return emitError(UnknownLoc::get(&context)); }
  LogicalResult check(llvm::Error problem);
  LogicalResult openOutputs();
  LogicalResult importModel();
  LogicalResult readFiles();
  LogicalResult readLabels();
  void chooseTargets();
  LogicalResult simplify();
  /// The phases that work on the module. True if the request ends with one.
  FailureOr<bool> runOnModule();
  /// The same for the phases that work on the model.
  FailureOr<bool> runOnUnits();
  LogicalResult addGolden();
  LogicalResult addMeans();
  void warnIfUntrained();
  LogicalResult bundle();
  LogicalResult writeReport();

  const CompileRequest &request;
  MLIRContext &context;
  OutputFiles outputs;
  raw_ostream *output = nullptr, *report = nullptr;

  OwningOpRef<ModuleOp> module;
  func::FuncOp main;
  TargetAssignment targets;
  SmallVector<Sample> calibration;
  std::optional<Sample> golden;
  BundleInfo info;

  OutlinedModel model;
  ModelFootprint footprint;
  CompiledModel compiled;
};
} // namespace

LogicalResult Compilation::check(llvm::Error problem) {
  if (!problem)
    return success();
  return error() << llvm::toString(std::move(problem));
}

// Comes first, so that a path that cannot be written is reported before any
// work is done.
LogicalResult Compilation::openOutputs() {
  for (auto [path, stream] : {std::pair{StringRef(request.output), &output},
                              {StringRef(request.report), &report}}) {
    if (path.empty())
      continue;
    if (llvm::sys::fs::equivalent(path, request.model))
      return error() << "'" << path << "' is the model; write to another file";
    llvm::Expected<raw_ostream &> opened = outputs.open(path);
    if (!opened)
      return check(opened.takeError());
    *stream = &*opened;
  }
  return success();
}

LogicalResult Compilation::importModel() {
  StringRef path = request.model;
  module = path.ends_with(".onnx") ? importONNX(path, context)
                                   : readModule(path, &context);
  if (!module)
    return failure();
  main = module->lookupSymbol<func::FuncOp>("main");
  if (main)
    return success();
  return error() << path << ": has no function @main; import a model with "
                 << "lcp-translate --import-onnx";
}

void Compilation::chooseTargets() {
  targets.branches = request.targets;
  bool divided =
      module->walk([](ParallelOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  targets.head = request.headTarget ? request.headTarget
                 : divided          ? request.hereTarget
                                    : request.targets.front();
}

LogicalResult Compilation::readLabels() {
  if (request.labels.empty())
    return success();
  auto file = llvm::MemoryBuffer::getFile(request.labels, /*IsText=*/true);
  if (!file)
    return error() << "cannot read " << request.labels << ": "
                   << file.getError().message();
  SmallVector<StringRef> lines;
  (*file)->getBuffer().rtrim().split(lines, '\n');
  for (StringRef line : lines)
    info.labels.push_back(line.rtrim().str());
  return success();
}

LogicalResult Compilation::readFiles() {
  if (!request.calibration.empty()) {
    auto samples = readSamples(main, request.calibration, info.image);
    if (failed(samples))
      return failure();
    calibration = std::move(*samples);
  }
  if (!request.golden.empty()) {
    auto inputs = readInputs(main, "--golden", request.golden, info.image);
    if (failed(inputs))
      return failure();
    golden = std::move(*inputs);
  }
  return readLabels();
}

LogicalResult Compilation::simplify() {
  PassManager passes(&context);
  buildSimplifyPipeline(passes);
  return runPasses(passes, *module, request.setUpPasses);
}

FailureOr<bool> Compilation::runOnModule() {
  auto isLast = [&](Phase phase) {
    if (request.last == phase)
      module->print(*output);
    return request.last == phase;
  };
  if (isLast(Phase::Import))
    return true;
  if (failed(simplify()))
    return failure();
  if (isLast(Phase::Simplify))
    return true;
  if (failed(calibrateMain(main, targets, request.int8, calibration)))
    return failure();
  return isLast(Phase::Calibrate);
}

FailureOr<bool> Compilation::runOnUnits() {
  auto isLast = [&](Phase phase) {
    if (request.last == phase)
      printOutlined(model, *output);
    return request.last == phase;
  };
  FailureOr<OutlinedModel> outlined = outlineModel(*module);
  if (failed(outlined))
    return failure();
  model = std::move(*outlined);
  if (isLast(Phase::Outline))
    return true;
  FailureOr<ModelFootprint> measured = measureModel(
      *module, model, request.inputForm, request.targets[0]->getDevice());
  if (failed(measured) ||
      failed(quantizeUnits(model, targets, request.int8, request.setUpPasses)))
    return failure();
  footprint = std::move(*measured);
  if (isLast(Phase::Quantize))
    return true;
  // Compiling consumes the units, which the reference still needs.
  if (failed(addGolden()) || failed(addMeans()))
    return failure();
  FailureOr<CompiledModel> result = compileUnits(
      std::move(model), targets, {request.setUpPasses, request.exactConv});
  if (failed(result))
    return failure();
  compiled = std::move(*result);
  if (request.last == Phase::Compile)
    printCompiled(compiled, *output);
  return request.last == Phase::Compile;
}

LogicalResult Compilation::addGolden() {
  if (!golden)
    return success();
  auto values = evaluateValues(model, *golden);
  if (failed(values))
    return failure();
  info.golden.push_back({rawTensors(*values)});
  return success();
}

LogicalResult Compilation::addMeans() {
  if (calibration.empty())
    return success();
  SmallVector<uint32_t> features = findMergedFeatures(model);
  if (features.empty())
    return success();
  auto means = measureMeans(model, features, calibration);
  if (failed(means))
    return failure();
  info.means = std::move(*means);
  return success();
}

// The answers of such a model look like answers.
void Compilation::warnIfUntrained() {
  const OutlinedModel &model = compiled.model;
  if (model.split > 1 && !model.trainedAfterSplit)
    emitWarning(UnknownLoc::get(&context))
        << "the model was split in " << model.split
        << " and not trained since: its answers mean nothing yet";
}

LogicalResult Compilation::bundle() {
  warnIfUntrained();
  return writeBundles(compiled, info, *output, request.output,
                      request.perBranch, outputs, UnknownLoc::get(&context));
}

LogicalResult Compilation::writeReport() {
  if (!report)
    return success();
  std::string plan;
  if (PlanAttr attribute = getPlan(*module))
    plan = debugString(attribute);
  llvm::json::Object content =
      makeReport(compiled, footprint, info.producerFlags, plan);
  if (StringRef(request.report).ends_with(".json"))
    *report << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(content)));
  else if (StringRef(request.report).ends_with(".html"))
    printHtmlReport(content, *report);
  else
    printTextReport(content, *report);
  return success();
}

LogicalResult Compilation::run() {
  if (failed(openOutputs()) || failed(importModel()) || failed(readFiles()))
    return failure();
  chooseTargets();
  FailureOr<bool> done = runOnModule();
  if (succeeded(done) && !*done)
    done = runOnUnits();
  if (failed(done) || (!*done && (failed(bundle()) || failed(writeReport()))))
    return failure();
  return check(outputs.commit());
}

LogicalResult mlir::lcp::compileModel(const CompileRequest &request,
                                      MLIRContext &context) {
  return Compilation(request, context).run();
}
