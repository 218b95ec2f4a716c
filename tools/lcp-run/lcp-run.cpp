//===- lcp-run.cpp - Runs a bundle ----------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"
#include "Inputs.h"
#include "Interrupt.h"
#include "Options.h"
#include "OutputChecks.h"
#include "Report.h"
#include "RunInputs.h"
#include "TraceFile.h"
#include "common/base/Printable.h"
#include "runtime/io/FileArguments.h"
#include "tools/RegisterDrivers.h"

#ifdef LCP_HAS_CLUSTER
#include "ClusterMode.h"
#endif

#include "tools/CommandLine.h"
#include <algorithm>
#include <cstdio>
#include <new>
#include <optional>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

Result<std::unique_ptr<Bundle>> openBundle(const RunOptions &options) {
  // A server outlives the file that it was started with.
  const SegmentAccess access =
      options.serve.empty() ? SegmentAccess::Mapped : SegmentAccess::Copied;
  if (options.key.empty())
    return Bundle::open(options.bundle, /*key=*/nullptr, access);
  LCP_ASSIGN_OR_RETURN(Ed25519Key key, Ed25519Key::readPublic(options.key));
  return Bundle::open(options.bundle, &key, access);
}

/// The answers of such a model look like answers; say that they are not.
void warnIfUntrained(const ModelInfo &model) {
  if (model.split > 1 && !model.trainedAfterSplit)
    std::fprintf(stderr,
                 "lcp-run: warning: the model was split in %u and not trained "
                 "after the split: its answers mean nothing yet\n",
                 model.split);
}

/// Makes FILE or NAME=FILE of --output a file for each output, if there is one.
Status assignOutputs(const ModelInfo &model, RunOptions &options) {
  if (options.outputs.empty())
    return {};
  std::vector<TensorSpec> specs;
  specs.reserve(model.outputs.size());
  for (size_t i = 0; i < model.outputs.size(); ++i)
    specs.push_back(model.outputSpec(i));
  LCP_ASSIGN_OR_RETURN(options.outputs,
                       assignOutputFiles(specs, "--output", options.outputs));
  return {};
}

Status verify(const Bundle &bundle, Executor &executor, Report &report) {
  LCP_ASSIGN_OR_RETURN(report.golden, verifyGolden(bundle, executor));
  report.profiledRuns += bundle.model().golden.size();
  return {};
}

/// Encodes the inputs once more and reports what that costs. Where classes have
/// labels, that takes an inference of each.
Status lowerQuality(const RunOptions &options, Executor &executor,
                    InputSet &inputs, Report &report) {
  const ModelInfo &model = executor.model();
  const ModelOutput &output = model.outputs[0];
  LCP_ASSIGN_OR_RETURN(InputSet exact, readInputs(model, options.inputs));
  LCP_ASSIGN_OR_RETURN(report.reencoded,
                       reencodeImages(model, options.inputQuality, inputs));
  report.inputQuality = options.inputQuality;
  if (output.labels.empty())
    return {};
  for (auto [set, best] : {std::pair(&exact, &report.exactBest),
                           std::pair(&inputs, &report.reencodedBest)}) {
    set->fill(executor, 0);
    LCP_RETURN_IF_ERROR(executor.run());
    ++report.profiledRuns;
    *best =
        largest(model.outputSpec(0), executor.output(0), output.labels, 1)[0];
  }
  return {};
}

/// Workers get images as they came, and their time is that of decoding too: so
/// is this machine's when it is alone. Not where layers are calibrated.
Status measure(const RunOptions &options, InputSet &inputs, const Lanes &lanes,
               Report &report) {
  Executor &executor = lanes.first();
  RemoteStages *remote = lanes.remote();
  const bool decode = !remote && options.calibrateDevice.empty();
  if (decode && !options.inputQuality)
    LCP_RETURN_IF_ERROR(findImages(executor.model(), inputs, /*count=*/1));
  inputs.fill(executor, 0);
  if (remote || decode)
    report.benchmarkInput = inputs.form();
  const Traffic before = remote ? remote->traffic() : Traffic();
  LCP_ASSIGN_OR_RETURN(
      report.benchmark, benchmark(options.benchmarkOptions, [&] {
        if (interruption())
          return Status(StatusCode::Unavailable,
                        "interrupted while it was measuring");
        LCP_RETURN_IF_ERROR(decode ? inputs.decode(executor, 0) : Status());
        return executor.run();
      }));
  const uint64_t runs =
      options.benchmarkOptions.warmup + report.benchmark->runs;
  report.threads = options.threads;
  report.profiledRuns += runs;
  if (!remote)
    return {};
  const Traffic after = remote->traffic();
  report.traffic = {(after.sent - before.sent) / runs,
                    (after.received - before.received) / runs};
  if (std::optional<std::vector<bool>> here = remote->devicesHere())
    report.predictedTraffic =
        predictTraffic(executor.model(), executor.images(), *here);
  return {};
}

/// Runs what the options ask for, all but --serve, and fills the report.
Status runModel(const RunOptions &options, const Bundle &bundle, Lanes &lanes,
                Report &report) {
  const ModelInfo &model = bundle.model();
  Executor &executor = lanes.first();
  report.model = model.name;
  if (options.verify)
    LCP_RETURN_IF_ERROR(verify(bundle, executor, report));
  const bool hasInputs = !options.inputs.empty();
  if (!hasInputs && !options.benchmark)
    return options.verify && options.outputs.empty()
               ? Status()
               : readInputs(model, {}).status();
  LCP_ASSIGN_OR_RETURN(InputSet inputs, hasInputs
                                            ? readInputs(model, options.inputs)
                                            : makeInputs(bundle));
  if (options.inputQuality)
    LCP_RETURN_IF_ERROR(lowerQuality(options, executor, inputs, report));
  else if (lanes.remote())
    LCP_RETURN_IF_ERROR(findImages(model, inputs, inputs.count));
  // What takes long has something to keep when it is cut short.
  std::optional<InterruptScope> scope;
  if (inputs.count > 1 || options.benchmark)
    scope.emplace();
  if (hasInputs)
    LCP_RETURN_IF_ERROR(runInputs(options, inputs, lanes, report));
  if (options.benchmark)
    LCP_RETURN_IF_ERROR(measure(options, inputs, lanes, report));
  return {};
}

/// An error that describes the first golden output to differ, if one does.
Status goldenStatus(const Report &report) {
  for (const GoldenComparison &golden : report.golden)
    if (!golden.passed())
      return Status(StatusCode::Mismatch,
                    "output '" + golden.output +
                        "' is not the golden one: error " +
                        std::to_string(golden.error) + ", tolerance " +
                        std::to_string(golden.tolerance));
  return {};
}

/// Of a calibration, to the machines of --cluster, if there are some.
Result<std::optional<MeasuredLink>> findLink(const RunOptions &options) {
  std::optional<MeasuredLink> link;
#ifdef LCP_HAS_CLUSTER
  if (!options.cluster.empty() && !options.calibrateDevice.empty()) {
    LCP_ASSIGN_OR_RETURN(link, measureLink(options));
  }
#endif
  return link;
}

/// Of a profile whose layers --counts knows. After the runs: it would take
/// caches and clock from them.
Status findPeak(const RunOptions &options, Report &report) {
  const std::map<LayerName, LayerFacts> &layers = report.network->layers;
  if (!layers.empty() &&
      std::none_of(report.profile.begin(), report.profile.end(),
                   [&](const ProfileRow &row) {
                     return layers.count({row.branch, row.layer});
                   }))
    return Status(StatusCode::InvalidArgument,
                  "of the layers that '" + options.counts +
                      "' has, none ran here: is it the report of '" +
                      options.bundle + "'?");
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<ThreadPool> pool,
                       ThreadPool::create(options.threads));
  LCP_ASSIGN_OR_RETURN(report.peak, measureMachinePeak(*pool));
  return {};
}

/// What becomes of the profile once everything has run.
Status useProfile(const RunOptions &options, const ModelInfo &model,
                  const std::optional<MeasuredLink> &link, Report &report) {
  if (!options.calibrateDevice.empty())
    return calibrateDevice(options, model, report, link);
  return report.network ? findPeak(options, report) : Status();
}

Status runHere(const RunOptions &options, const Bundle &bundle,
               const DriverRegistry &drivers, const Pace &pace,
               const MakeRemoteStages &makeRemote, Trace *trace) {
  Report report;
  if (!options.counts.empty()) {
    LCP_ASSIGN_OR_RETURN(report.network, readReport(options.counts));
  }
  // First: a worker that is off is not to cost the whole benchmark.
  LCP_ASSIGN_OR_RETURN(std::optional<MeasuredLink> link, findLink(options));
  // Hash every segment, also those that nothing here will map: it takes half
  // a second per GB, and the weights are about to be read anyway.
  LCP_RETURN_IF_ERROR(
      bundle.checkAllSegments().withContext("'" + options.bundle + "'"));
  ExecutorOptions executorOptions;
  executorOptions.threads = options.threads;
  executorOptions.engine = options.engine;
  executorOptions.profile = options.profile;
  executorOptions.trace = trace;
  executorOptions.degrade = options.degrade;
  executorOptions.without = options.without;
  executorOptions.pace = pace.empty() ? nullptr : &pace;
  LCP_ASSIGN_OR_RETURN(
      Lanes lanes, Lanes::load(bundle, drivers, executorOptions, makeRemote));
  if (makeRemote || options.degrade)
    report.branches = bundle.model().deviceCount();
  Status status = runModel(options, bundle, lanes, report);
  // Of a run that failed too: why, may be seen in it.
  if (trace)
    LCP_RETURN_IF_ERROR(writeTrace(options.trace, *trace));
  const bool answered = report.profiledRuns > 0;
  if (!status.ok() && !answered)
    return status;
  // After the run: a run that fails has no answers to warn of.
  warnIfUntrained(bundle.model());
  if (options.profile)
    report.profile = lanes.first().profile();
  else
    report.profiledRuns = 0;
  if (status.ok())
    LCP_RETURN_IF_ERROR(useProfile(options, bundle.model(), link, report));
  report.paces = pace.describe();
  report.missedPaces = pace.describeMisses();
  std::string text = options.json ? toJson(report) : toText(report);
  LCP_RETURN_IF_ERROR(print(text));
  return status.ok() ? goldenStatus(report) : status;
}

#ifdef LCP_HAS_CLUSTER
/// A server says on stderr what a report has in its own place.
Status servePaced(const Bundle &bundle, const DriverRegistry &drivers,
                  const RunOptions &options, const Pace &pace) {
  if (!pace.empty())
    std::fprintf(stderr,
                 "lcp-run: note: times are modelled, those of an emulated "
                 "device: %s\n",
                 pace.describe().c_str());
  Status status = serve(bundle, drivers, options, pace);
  for (const std::string &missed : pace.describeMisses())
    std::fprintf(stderr, "lcp-run: warning: %s\n", missed.c_str());
  return status;
}
#endif

/// --verify of a bundle, or of branches, that cannot run as a whole.
Status verifyPart(const RunOptions &options, const Bundle &bundle,
                  const DriverRegistry &drivers) {
  if (!options.inputs.empty() || options.benchmark || !options.outputs.empty())
    return Status(StatusCode::InvalidArgument,
                  "of branches alone, --verify is all that can be done here; "
                  "--input, --output and --benchmark are for the whole model");
  LCP_RETURN_IF_ERROR(
      bundle.checkAllSegments().withContext("'" + options.bundle + "'"));
  Report report;
  report.model = bundle.model().name;
  LCP_ASSIGN_OR_RETURN(report.golden,
                       verifyBranches(bundle, drivers, options.branches,
                                      options.threads, options.engine));
  LCP_RETURN_IF_ERROR(print(options.json ? toJson(report) : toText(report)));
  return goldenStatus(report);
}

Status run(RunOptions options) {
  DriverRegistry drivers;
  registerAllDrivers(drivers);
#ifdef LCP_HAS_CLUSTER
  if (!options.makeCerts.empty())
    return makeCerts(options);
  if (options.doctor && options.bundle.empty())
    return examine(/*bundle=*/nullptr, drivers, options);
#endif
  if (options.bundle.empty())
    return Status(StatusCode::InvalidArgument,
                  "a bundle made by lcp-compile is missing (see --help)");
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Bundle> bundle, openBundle(options));
  LCP_RETURN_IF_ERROR(assignOutputs(bundle->model(), options));
  LCP_ASSIGN_OR_RETURN(std::vector<OutputFile> pipes, openOutputs(options));
  if (options.threads == 0)
    options.threads = chooseThreads(*bundle);
#ifdef LCP_HAS_CLUSTER
  if (options.doctor)
    return examine(bundle.get(), drivers, options);
#endif
  options.profile |= !options.calibrateDevice.empty();
  if (!options.counts.empty() && !options.profile)
    return Status(StatusCode::InvalidArgument,
                  "--counts goes with --profile or --calibrate-device");
  LCP_ASSIGN_OR_RETURN(Pace pace, Pace::parse(options.paces, bundle->model()));
  Trace recorded;
  Trace *trace = options.trace.empty() ? nullptr : &recorded;
#ifdef LCP_HAS_CLUSTER
  if (!options.serve.empty()) {
    warnIfUntrained(bundle->model());
    return servePaced(*bundle, drivers, options, pace);
  }
  if (options.cluster.empty() && !options.tls.empty())
    return Status(StatusCode::InvalidArgument,
                  "--tls goes with --serve or --cluster; nothing else here "
                  "talks to other machines");
  // A calibration runs here, and measures the link to the others.
  if (!options.cluster.empty() && options.calibrateDevice.empty()) {
    LCP_ASSIGN_OR_RETURN(
        MakeRemoteStages makeRemote,
        connectCluster(*bundle, drivers, options, pace, trace));
    return runHere(options, *bundle, drivers, pace, makeRemote, trace);
  }
#endif
  if (!options.branches.empty() && !options.verify)
    return Status(StatusCode::InvalidArgument,
                  "--branch goes with --serve or --verify");
  if (options.verify &&
      (!options.branches.empty() || !bundle->model().isComplete()))
    return verifyPart(options, *bundle, drivers);
  return runHere(options, *bundle, drivers, pace, /*makeRemote=*/nullptr,
                 trace);
}

/// What is large is asked for with care; when even a small thing finds no
/// memory, nobody could go on.
void outOfMemory() {
  constexpr char line[] = "lcp-run: error: there is no memory left\n";
  (void)!::write(STDERR_FILENO, line, sizeof(line) - 1);
  ::_exit(1);
}

} // namespace

int main(int argc, char **argv) {
  std::set_new_handler(outOfMemory);
  CLI::App app("Runs a bundle that lcp-compile made.", "lcp-run");
  RunOptions options;
  addOptions(app, options);
  if (std::optional<int> status = lcp::parseCommandLine(app, argc, argv))
    return *status;
  Status status = run(options);
  if (status.ok())
    return 0;
  std::fprintf(stderr, "lcp-run: error: %s\n",
               printable(status.message()).c_str());
  // As a shell says of a program that a signal ended.
  return interruption() ? 128 + interruption() : 1;
}
