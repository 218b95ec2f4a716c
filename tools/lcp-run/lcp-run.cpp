//===- lcp-run.cpp - Runs a bundle ----------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"
#include "Inputs.h"
#include "Options.h"
#include "Report.h"
#include "TraceFile.h"
#include "common/base/Printable.h"
#include "tools/RegisterDrivers.h"

#ifdef LCP_HAS_CLUSTER
#include "ClusterMode.h"
#endif

#include "tools/CommandLine.h"
#include <cstdio>
#include <cstring>
#include <new>
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

Status print(const std::string &text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0)
    return {};
  return Status(StatusCode::ResourceExhausted,
                "cannot write to standard output");
}

/// What --output wants: one output of all inferences.
struct Stack {
  AlignedBuffer elements;
  uint64_t size = 0;
};

/// Writes the outputs of the first `count` inferences.
Status writeStacks(const RunOptions &options, const InputSet &inputs,
                   const ModelInfo &model, const std::vector<Stack> &stacks,
                   uint64_t count) {
  for (size_t o = 0; o < stacks.size(); ++o) {
    TensorSpec spec = model.outputSpec(o);
    // Stack along the batch where it is 1, along a new axis otherwise.
    if (inputs.stacked && !spec.shape.empty() && spec.shape[0] == 1)
      spec.shape[0] = int64_t(count);
    else if (inputs.stacked)
      spec.shape.insert(spec.shape.begin(), int64_t(count));
    LCP_RETURN_IF_ERROR(
        writeTensor(options.outputs[o], spec,
                    {stacks[o].elements.data(), stacks[o].size * count}));
  }
  return {};
}

/// Runs one inference of the set and collects the best answers for the report,
/// and whole outputs where --output wants them.
Status runInput(const RunOptions &options, const InputSet &inputs, uint64_t i,
                Executor &executor, std::vector<Stack> &stacks,
                Report &report) {
  const ModelInfo &model = executor.model();
  inputs.fill(executor, i);
  LCP_RETURN_IF_ERROR(executor.run());
  ++report.profiledRuns;
  if (report.branches)
    report.missing.push_back(executor.missing());
  for (size_t o = 0; o < model.outputs.size(); ++o) {
    ByteSpan bytes = executor.output(o);
    if (o < stacks.size())
      std::memcpy(stacks[o].elements.data() + i * bytes.size(), bytes.data(),
                  bytes.size());
    report.outputs[o].answers.push_back(largest(
        model.outputSpec(o), bytes, model.outputs[o].labels, options.top));
  }
  // As they come: whatever happens to the later ones, or to this process.
  return report.answersPrinted ? print(answerLine(report.outputs[0], i))
                               : Status();
}

/// Runs every inference of the set. One that fails ends the run, but takes none
/// of those before it along.
Status runInputs(const RunOptions &options, const InputSet &inputs,
                 Executor &executor, Report &report) {
  const ModelInfo &model = executor.model();
  std::vector<Stack> stacks(options.outputs.size());
  for (size_t o = 0; o < model.outputs.size(); ++o) {
    report.outputs.push_back({model.outputSpec(o), {}});
    if (o >= stacks.size())
      continue;
    stacks[o].size = executor.output(o).size();
    LCP_ASSIGN_OR_RETURN(
        stacks[o].elements,
        AlignedBuffer::allocate(stacks[o].size * inputs.count));
  }
  Status status;
  report.answersPrinted =
      !options.json && inputs.count > 1 && model.outputs.size() == 1;
  if (report.answersPrinted)
    status = print(outputHead(report.outputs[0]));
  uint64_t done = 0;
  while (status.ok() && done < inputs.count) {
    status = runInput(options, inputs, done, executor, stacks, report);
    done += status.ok();
  }
  if (!status.ok() && inputs.count > 1)
    status = std::move(status).withContext(
        "inference " + std::to_string(done + 1) + " of " +
        std::to_string(inputs.count) + ", after " + std::to_string(done) +
        " answers that are kept");
  if (done > 0)
    LCP_RETURN_IF_ERROR(writeStacks(options, inputs, model, stacks, done));
  return status;
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

/// `remote` is null if no stage runs elsewhere.
Status measure(const RunOptions &options, const InputSet &inputs,
               RemoteStages *remote, Executor &executor, Report &report) {
  inputs.fill(executor, 0);
  const Traffic before = remote ? remote->traffic() : Traffic();
  LCP_ASSIGN_OR_RETURN(
      report.benchmark,
      benchmark(options.benchmarkOptions, [&] { return executor.run(); }));
  const uint64_t runs =
      options.benchmarkOptions.warmup + report.benchmark->runs;
  report.threads = options.threads;
  report.profiledRuns += runs;
  if (!remote)
    return {};
  const Traffic after = remote->traffic();
  report.traffic = {(after.sent - before.sent) / runs,
                    (after.received - before.received) / runs};
  report.predictedTraffic = predictTraffic(executor.model(), executor.images());
  return {};
}

/// Runs what the options ask for, all but --serve, and fills the report.
Status runModel(const RunOptions &options, const Bundle &bundle,
                RemoteStages *remote, Executor &executor, Report &report) {
  const ModelInfo &model = bundle.model();
  report.model = model.name;
  if (options.outputs.size() > model.outputs.size())
    return Status(StatusCode::InvalidArgument,
                  "--output=" + options.outputs.back() +
                      " is one too many: the model has " +
                      std::to_string(model.outputs.size()));
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
  else if (remote)
    LCP_RETURN_IF_ERROR(findImages(model, inputs));
  if (hasInputs)
    LCP_RETURN_IF_ERROR(runInputs(options, inputs, executor, report));
  if (options.benchmark)
    LCP_RETURN_IF_ERROR(measure(options, inputs, remote, executor, report));
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

Status runHere(const RunOptions &options, const Bundle &bundle,
               const DriverRegistry &drivers, const Pace &pace,
               RemoteStages *remote, Trace *trace) {
  // Hash every segment, also those that nothing here will map: it takes half
  // a second per GB, and the weights are about to be read anyway.
  LCP_RETURN_IF_ERROR(
      bundle.checkAllSegments().withContext("'" + options.bundle + "'"));
  ExecutorOptions executorOptions;
  executorOptions.threads = options.threads;
  executorOptions.engine = options.engine;
  executorOptions.profile = options.profile;
  executorOptions.remote = remote;
  executorOptions.trace = trace;
  executorOptions.degrade = options.degrade;
  executorOptions.without = options.without;
  executorOptions.pace = pace.empty() ? nullptr : &pace;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
                       Executor::load(bundle, drivers, executorOptions));
  Report report;
  if (remote || options.degrade)
    report.branches = bundle.model().deviceCount();
  Status status = runModel(options, bundle, remote, *executor, report);
  // Of a run that failed too: why, may be seen in it.
  if (trace)
    LCP_RETURN_IF_ERROR(writeTrace(options.trace, *trace));
  const bool answered = report.profiledRuns > 0;
  if (!status.ok() && !answered)
    return status;
  // After the run: a run that fails has no answers to warn of.
  warnIfUntrained(bundle.model());
  if (options.profile)
    report.profile = executor->profile();
  else
    report.profiledRuns = 0;
  if (status.ok() && !options.calibrateDevice.empty())
    LCP_RETURN_IF_ERROR(calibrateDevice(options, bundle.model(), report));
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
#ifdef LCP_HAS_CLUSTER
  if (!options.makeCerts.empty())
    return makeCerts(options);
  if (options.doctor && options.bundle.empty())
    return examine(/*bundle=*/nullptr, options);
#endif
  if (options.bundle.empty())
    return Status(StatusCode::InvalidArgument,
                  "a bundle made by lcp-compile is missing (see --help)");
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Bundle> bundle, openBundle(options));
#ifdef LCP_HAS_CLUSTER
  if (options.doctor)
    return examine(bundle.get(), options);
#endif
  if (options.threads == 0)
    options.threads = chooseThreads(*bundle);
  options.profile |= !options.calibrateDevice.empty();
  DriverRegistry drivers;
  registerAllDrivers(drivers);
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
  if (!options.cluster.empty()) {
    LCP_ASSIGN_OR_RETURN(std::unique_ptr<RemoteStages> remote,
                         connectCluster(*bundle, options, trace));
    return runHere(options, *bundle, drivers, pace, remote.get(), trace);
  }
#endif
  if (!options.branches.empty() && !options.verify)
    return Status(StatusCode::InvalidArgument,
                  "--branch goes with --serve or --verify");
  if (options.verify &&
      (!options.branches.empty() || !bundle->model().isComplete()))
    return verifyPart(options, *bundle, drivers);
  return runHere(options, *bundle, drivers, pace, /*remote=*/nullptr, trace);
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
  return 1;
}
