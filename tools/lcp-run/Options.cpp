//===- Options.cpp - lcp-run's command line -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sched.h>

namespace lcp::rt {
namespace {

/// What tells times, or sets them.
void addTimeOptions(CLI::App &app, RunOptions &options) {
  app.add_flag("--benchmark", options.benchmark,
               "Measure the time of a run; of an image as --input, decoding it "
               "included");
  app.add_option("--warmup", options.benchmarkOptions.warmup,
                 "Runs before the measured ones")
      ->needs("--benchmark")
      ->capture_default_str();
  app.add_option("--iterations", options.benchmarkOptions.iterations,
                 "Measured runs, at least")
      ->needs("--benchmark")
      ->capture_default_str();
  app.add_option("--min-time", options.benchmarkOptions.minSeconds,
                 "Seconds of measured runs, at least")
      ->check(CLI::Range(0.0, 3600.0))
      ->needs("--benchmark")
      ->capture_default_str();
  app.add_option("--counts", options.counts,
                 "The JSON report of this bundle (lcp-compile --report)");
  app.add_option("--calibrate-device", options.calibrateDevice,
                 "Write a device file with what this machine reached, by kind "
                 "of layer, and with --cluster over its link")
      ->needs("--benchmark")
      ->needs("--counts");
  app.add_flag("--profile", options.profile,
               "Print the time of every layer; with --counts also what it "
               "reached of this machine's peak, and its kernel");
  app.add_option("--trace", options.trace,
                 "Write what happened when, on all machines, for Perfetto");
  app.add_option("--pace", options.paces,
                 "BRANCH=MILLISECONDS,…: emulate a slower device, whose times "
                 "these are; answers are the same, and come then")
      ->excludes("--calibrate-device")
      ->delimiter(',')
      ->allow_extra_args(false);
}

#ifdef LCP_HAS_CLUSTER
void addClusterOptions(CLI::App &app, RunOptions &options) {
  auto *serve =
      app.add_option("--serve", options.serve,
                     "Serve on this address (HOST:PORT) until interrupted");
  // A server runs nothing but what its clients ask for.
  for (const char *other :
       {"--input", "--output", "--verify", "--benchmark", "--trace", "--json"})
    serve->excludes(other);
  app.add_option("--allow", options.allowed,
                 "Answer only those whose certificate has one of these names "
                 "(default: all that ca.pem stands for)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->needs("--serve");
  app.add_option("--metrics", options.metrics,
                 "Serve GET /metrics for Prometheus on this address")
      ->needs("--serve");
  app.add_flag("--log-json", options.logJson,
               "Write what the server meets as JSON objects, one a line")
      ->needs("--serve");
  app.add_option("--cluster", options.cluster,
                 "Run the branches on the workers of this file");
  app.add_option("--tls", options.tls,
                 "Folder with ca.pem, cert.pem and key.pem");
  app.get_option("--allow")->needs("--tls");
  app.add_option("--make-certs", options.makeCerts,
                 "Make a folder for --tls here for each machine of --cluster "
                 "that has none, and for the coordinator")
      ->excludes("--serve")
      ->excludes("--json");
  app.add_option("--revoke", options.revoke,
                 "Revoke the certificates that were made for this machine")
      ->needs("--make-certs");
  auto *doctor = app.add_flag("--doctor", options.doctor,
                              "Say of every machine of --cluster how it is, "
                              "and what to mend");
  doctor->needs("--cluster");
  for (const char *other : {"--serve", "--input", "--output", "--verify",
                            "--benchmark", "--make-certs", "--trace"})
    doctor->excludes(other);
  app.add_option("--deadline-ms", options.deadlineMilliseconds,
                 "Give up on an inference after this many milliseconds "
                 "(default: 10000)")
      ->check(CLI::Range(1u, 86400000u))
      ->needs("--cluster");
  app.add_flag("--relay", options.relay,
               "Take the values between stages over this coordinator, even "
               "where workers could send them to each other")
      ->needs("--cluster");
  app.add_flag("--allow-unsigned", options.allowUnsigned,
               "Serve an unsigned bundle off loopback")
      ->needs("--serve");
}
#endif

} // namespace

unsigned chooseThreads(const Bundle &bundle) {
  constexpr uint64_t smallModel = 1 << 20;
  uint64_t bytes = 0;
  for (const ModelStage *stage : bundle.model().stages())
    for (const ModelBranch &branch : stage->branches)
      for (const ModelPart &part : branch.parts) {
        bytes += std::min(part.arenaBytes, smallModel);
        if (part.weights)
          bytes += bundle.segments()[*part.weights].size;
      }
  cpu_set_t set;
  CPU_ZERO(&set);
  if (bytes < smallModel || ::sched_getaffinity(0, sizeof(set), &set) != 0)
    return 1;
  return unsigned(std::clamp(CPU_COUNT(&set), 1, 1024));
}

void addOptions(CLI::App &app, RunOptions &options) {
  app.add_option("bundle", options.bundle, "A bundle made by lcp-compile");
  app.add_option("--input", options.inputs,
                 "FILE or NAME=FILE (.npy .pb .raw .png .jpg), one an input. A "
                 "leading dimension N is N inferences")
      ->allow_extra_args(false);
  app.add_option("--input-quality", options.inputQuality,
                 "Encode images once more, as JPEG files of this quality (1 to "
                 "100), and say what it costs")
      ->check(CLI::Range(1u, 100u))
      ->needs("--input");
  app.add_option("--output", options.outputs,
                 "FILE or NAME=FILE (.npy .raw), one an output")
      ->allow_extra_args(false);
  app.add_flag("--verify", options.verify,
               "Compare with the golden outputs in the bundle");
  app.add_option("--branch", options.branches,
                 "Serve, or verify, these branches of each parallel stage "
                 "(default: all)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--top", options.top, "How many classes to print")
      ->capture_default_str();
  addTimeOptions(app, options);
  app.add_option("--threads", options.threads,
                 "Threads (default: all CPUs, one for tiny models)")
      ->check(CLI::Range(1u, 1024u));
  app.add_flag("--degrade", options.degrade,
               "Answer even if branches are missing: by the means that the "
               "bundle has of their features");
  app.add_option("--without", options.without,
                 "Branches to leave out, to see what answers are worth without "
                 "them")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->needs("--degrade");
  app.add_flag("--json", options.json, "Print results as JSON");
  app.add_option("--engine,--driver", options.engine,
                 "Run the parts that this engine supports on it, e.g. on a "
                 "simulator");
  app.add_option("--key", options.key,
                 "Take only a bundle signed by this Ed25519 key (PEM, public)");
#ifdef LCP_HAS_CLUSTER
  addClusterOptions(app, options);
#endif
}

} // namespace lcp::rt
