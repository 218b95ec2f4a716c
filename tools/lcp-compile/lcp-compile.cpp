//===- lcp-compile.cpp - A model in, a bundle out ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Samples.h"
#include "lcp/Bundle/Writer.h"
#include "lcp/Import/ONNX/Import.h"
#include "lcp/Pipeline/Pipeline.h"
#include "lcp/Report/Report.h"
#include "tools/RegisterTargets.h"
#include "tools/support/Diagnostics.h"
#include "tools/support/ModuleIO.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::CompileOptions;

namespace {
/// One run of the tool: the options, looked up, and the module they are for.
class Compilation {
public:
  Compilation(const CompileOptions &options, const TargetRegistry &registry,
              MLIRContext &context)
      : options(options), registry(registry), context(context) {}
  LogicalResult run();

private:
  InFlightDiagnostic error() { return emitError(UnknownLoc::get(&context)); }
  const Target *findTarget(StringRef name);
  LogicalResult lookUp(PipelineOptions &pipeline);
  LogicalResult readModel();
  LogicalResult chooseHead(PipelineOptions &pipeline);
  LogicalResult readInputs(PipelineOptions &pipeline);
  LogicalResult readLabels(BundleInfo &info);
  LogicalResult runAndWrite(PipelineOptions &pipeline);
  LogicalResult writeResult(PipelineResult &result);
  LogicalResult writeReportFile(const PipelineResult &result);
  void warnIfUntrained(const Program &program);

  const CompileOptions &options;
  const TargetRegistry &registry;
  MLIRContext &context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

const Target *Compilation::findTarget(StringRef name) {
  const Target *target = registry.lookup(name);
  if (!target)
    error() << "unknown target '" << name
            << "'; --list-targets prints those there are";
  return target;
}

LogicalResult Compilation::lookUp(PipelineOptions &pipeline) {
  for (const std::string &name : options.targets) {
    const Target *target = findTarget(name);
    if (!target)
      return failure();
    pipeline.targets.branches.push_back(target);
  }
  std::optional<Phase> phase = parsePhase(options.lastPhase);
  if (!phase)
    return error() << "unknown phase '" << options.lastPhase
                   << "' in --compile-to; they are " << getPhaseNames();
  pipeline.last = *phase;
  StringRef report = options.report;
  if (!report.empty() && !report.ends_with(".txt") &&
      !report.ends_with(".json") && !report.ends_with(".html"))
    return error() << "--report=" << report
                   << ": write a .txt, .json or .html file";
  return success();
}

LogicalResult Compilation::readModel() {
  StringRef path = options.input;
  module = path.ends_with(".onnx") ? importONNX(path, context)
                                   : readModule(path, &context);
  if (!module)
    return failure();
  if (module->lookupSymbol<func::FuncOp>("main"))
    return success();
  return error() << path << ": has no function @main; import a model with "
                 << "lcp-translate --import-onnx";
}

// Serial stages run where the coordinator runs, which is most likely here; but
// a model without branches is one serial stage, and --target means that one.
LogicalResult Compilation::chooseHead(PipelineOptions &pipeline) {
  bool divided =
      module->walk([](ParallelOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  StringRef name = options.headTarget;
  if (name.empty())
    name = divided ? "host" : StringRef(options.targets.front());
  pipeline.targets.head = findTarget(name);
  return success(pipeline.targets.head != nullptr);
}

static ::lcp::rt::ImagePreprocessing
runtimePreprocessing(const std::optional<::lcp::ImageOptions> &image) {
  ::lcp::rt::ImagePreprocessing result;
  if (image) {
    result.mean = image->mean;
    result.scale = image->scale;
    result.bgr = image->bgr;
  }
  return result;
}

LogicalResult Compilation::readInputs(PipelineOptions &pipeline) {
  auto main = module->lookupSymbol<func::FuncOp>("main");
  auto image = runtimePreprocessing(options.image);
  if (!options.calibrate.empty()) {
    auto samples = readSamples(main, options.calibrate, image);
    if (failed(samples))
      return failure();
    pipeline.calibration = std::move(*samples);
  }
  if (!options.golden.empty()) {
    auto samples = readSamples(main, options.golden, image);
    if (failed(samples))
      return failure();
    pipeline.golden = std::move(samples->front());
  }
  return success();
}

LogicalResult Compilation::readLabels(BundleInfo &info) {
  if (options.labels.empty())
    return success();
  auto file = llvm::MemoryBuffer::getFile(options.labels, /*IsText=*/true);
  if (!file)
    return error() << "cannot read " << options.labels << ": "
                   << file.getError().message();
  SmallVector<StringRef> lines;
  (*file)->getBuffer().rtrim().split(lines, '\n');
  for (StringRef line : lines)
    info.labels.push_back(line.rtrim().str());
  return success();
}

// Answers of a model that was cut and not trained again look like answers.
void Compilation::warnIfUntrained(const Program &program) {
  if (program.split > 1 && !program.trainedAfterSplit)
    emitWarning(UnknownLoc::get(&context))
        << "the model was split in " << program.split
        << " and not trained since: its answers mean nothing yet";
}

static std::vector<std::vector<char>>
rawTensors(ArrayRef<reference::Tensor> tensors) {
  std::vector<std::vector<char>> result;
  for (const reference::Tensor &tensor : tensors)
    tensor.writeRaw(result.emplace_back(getByteSize(tensor.type)));
  return result;
}

LogicalResult Compilation::writeResult(PipelineResult &result) {
  BundleInfo info;
  info.producer = "lcp-compile " LCP_VERSION;
  info.producerFlags = options.commandLine;
  info.signingKey = options.sign;
  if (options.image)
    info.image = ImagePreprocessing{options.image->mean, options.image->scale,
                                    options.image->bgr};
  if (result.golden)
    info.golden.push_back({rawTensors(result.golden->inputs),
                           rawTensors(result.golden->outputs)});
  if (failed(readLabels(info)))
    return failure();
  warnIfUntrained(result.compiled.program);
  return writeBundles(result.compiled, info, options.output, options.perBranch,
                      UnknownLoc::get(&context));
}

LogicalResult Compilation::runAndWrite(PipelineOptions &pipeline) {
  if (pipeline.last != Phase::Bundle) {
    std::string problem;
    auto write = [&](raw_ostream &stream) {
      pipeline.dump = &stream;
      return success(succeeded(runPipeline(*module, pipeline)));
    };
    if (succeeded(writeFileAtomically(options.output, problem, write)))
      return success();
    return problem.empty() ? failure() : LogicalResult(error() << problem);
  }
  auto result = runPipeline(*module, pipeline);
  if (failed(result) || failed(writeResult(**result)))
    return failure();
  return writeReportFile(**result);
}

LogicalResult Compilation::writeReportFile(const PipelineResult &result) {
  if (options.report.empty())
    return success();
  llvm::json::Object report =
      makeReport(result.compiled, result.footprint, options.commandLine);
  std::string problem;
  auto write = [&](raw_ostream &stream) {
    if (StringRef(options.report).ends_with(".json"))
      stream << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
    else if (StringRef(options.report).ends_with(".html"))
      printHtmlReport(report, stream);
    else
      printTextReport(report, stream);
    return success();
  };
  if (failed(writeFileAtomically(options.report, problem, write)))
    return error() << problem;
  return success();
}

LogicalResult Compilation::run() {
  PipelineOptions pipeline;
  return success(succeeded(lookUp(pipeline)) && succeeded(readModel()) &&
                 succeeded(chooseHead(pipeline)) &&
                 succeeded(readInputs(pipeline)) &&
                 succeeded(runAndWrite(pipeline)));
}

static void listTargets(const TargetRegistry &registry) {
  for (const auto &target : registry.getTargets())
    llvm::outs() << llvm::left_justify(target->getName(), 16)
                 << target->getDescription() << '\n';
}

int main(int argc, char **argv) {
  CompileOptions options;
  if (std::optional<int> status = parseCommandLine(argc, argv, options))
    return *status;
  TargetRegistry targets;
  registerAllTargets(targets);
  if (options.listTargets) {
    listTargets(targets);
    return 0;
  }
  DialectRegistry dialects;
  dialects.insert<func::FuncDialect, LCPDialect>();
  targets.registerDialects(dialects);
  MLIRContext context(dialects);
  LineDiagnostics diagnostics(&context, "lcp-compile");
  return succeeded(Compilation(options, targets, context).run()) ? 0 : 1;
}
