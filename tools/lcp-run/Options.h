//===- Options.h - lcp-run's command line -----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_OPTIONS_H
#define LCP_TOOLS_LCP_RUN_OPTIONS_H

#include "runtime/bundle/Bundle.h"
#include "runtime/executor/Benchmark.h"

#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace lcp::rt {

struct RunOptions {
  std::string bundle;
  /// FILE or NAME=FILE.
  std::vector<std::string> inputs;
  /// FILE or NAME=FILE, some of the outputs; once the bundle is open, none or
  /// one for each in the model's order, empty if it has none.
  std::vector<std::string> outputs;
  std::string engine, key, trace;
  unsigned top = 5;
  /// Of a JPEG that images are encoded as once more; 0: they are not.
  unsigned inputQuality = 0;
  /// 0 stands for what chooseThreads gives.
  unsigned threads = 0;
  bool verify = false, benchmark = false, profile = false, json = false;
  bool allowUnsigned = false;
  std::vector<unsigned> branches;
  /// Answer without the branches that do not come, and without these.
  bool degrade = false;
  std::vector<unsigned> without;
  BenchmarkOptions benchmarkOptions;
  /// BRANCH=MILLISECONDS, see Pace.h.
  std::vector<std::string> paces;
  /// The device file to write, and the report that counts the bundle's layers.
  std::string calibrateDevice, counts;

  // Declared only with LCP_BUILD_CLUSTER; see ClusterMode.h.
  std::string serve, cluster, tls, metrics, makeCerts, revoke;
  std::vector<std::string> allowed;
  bool doctor = false, logJson = false;
  unsigned deadlineMilliseconds = 0;
  /// Values between stages go over this coordinator.
  bool relay = false;
};

/// Declares all flags; `options` gets their values when the app parses.
void addOptions(CLI::App &app, RunOptions &options);

/// How many threads to run on without --threads: as many as this process may
/// use CPUs, but one for a model whose weights and arena take less than a MiB,
/// whose layers are done before a second thread has been woken.
unsigned chooseThreads(const Bundle &bundle);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_OPTIONS_H
