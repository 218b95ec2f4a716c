//===- Report.h - What lcp-run prints ---------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_REPORT_H
#define LCP_TOOLS_LCP_RUN_REPORT_H

#include "Inputs.h"
#include "LayerFacts.h"
#include "runtime/executor/Benchmark.h"
#include "runtime/executor/Golden.h"
#include "runtime/platform/MachinePeak.h"

#include <optional>
#include <string>
#include <vector>

namespace lcp::rt {

struct Report {
  /// A class and its value; the label is empty if the model has none.
  struct Answer {
    uint64_t index = 0;
    double value = 0;
    std::string label;
  };
  struct Output {
    TensorSpec spec;
    /// The largest values of each inference.
    std::vector<std::vector<Answer>> answers;
  };

  std::string model;
  std::vector<Output> outputs;
  /// Whether the answers were printed one by one, as they came.
  bool answersPrinted = false;
  /// The branches that answers are made of, where some may be missing; 0: not
  /// told. For each inference those that are missing.
  size_t branches = 0;
  std::vector<std::vector<unsigned>> missing;
  std::vector<GoldenComparison> golden;
  std::optional<BenchmarkResult> benchmark;
  /// What its inferences begin with, see InputSet::form.
  std::optional<ImageForm> benchmarkInput;
  /// Of --input-quality: what it costs, and, where classes have labels, the
  /// best answer to the exact input and to this one.
  unsigned inputQuality = 0;
  std::vector<ReencodedInput> reencoded;
  std::optional<Answer> exactBest, reencodedBest;
  /// Of one inference of a benchmark over a cluster: what was sent and
  /// received, and what tensors and images alone take, if that is known.
  std::optional<Traffic> traffic, predictedTraffic;
  unsigned threads = 1;
  std::vector<ProfileRow> profile;
  /// What --counts tells of its layers.
  std::optional<NetworkFacts> network;
  /// What this machine can do, where the profile is to be compared with that:
  /// then the network is known too.
  std::optional<MachinePeak> peak;
  /// Of a paced run, whose times are modelled: the paces, and where this
  /// machine was slower.
  std::string paces;
  std::vector<std::string> missedPaces;
  /// The number of runs whose times `profile` adds up.
  uint64_t profiledRuns = 0;
};

/// The `count` largest elements of a tensor, in descending order; equal ones in
/// order of their index.
std::vector<Report::Answer> largest(const TensorSpec &spec, ByteSpan elements,
                                    const std::vector<std::string> &labels,
                                    unsigned count);

/// The lines of a text report before an output's answers, and for the i-th of
/// several.
std::string outputHead(const Report::Output &output);
std::string answerLine(const Report::Output &output, size_t i);

std::string toText(const Report &report);
std::string toJson(const Report &report);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_REPORT_H
