//===- Profile.cpp - What a profile says of each layer --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Profile.h"

#include "common/base/Printable.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace lcp::rt {
namespace {

using Json = nlohmann::ordered_json;

/// Of one inference.
struct Reached {
  double flops = 0, bytes = 0; // a second, and in all
  /// The least seconds for its arithmetic and for its bytes, and of all.
  double multiplying = 0, moving = 0, seconds = 0;

  bool isBoundByMemory() const { return moving > multiplying; }
  double ofBound() const { return std::max(multiplying, moving) / seconds; }
  const char *boundBy() const {
    return isBoundByMemory() ? "memory" : "arithmetic";
  }
};

double seconds(const Report &report, const ProfileRow &row) {
  return double(row.nanoseconds) * 1e-9 /
         double(std::max<uint64_t>(report.profiledRuns, 1));
}

/// Weights are read once an inference, so they come from where all of them
/// fit; what layers hand to each other comes from where it fits by itself.
std::optional<Reached> reach(const Report &report, const ProfileRow &row) {
  if (!report.peak || row.nanoseconds == 0)
    return std::nullopt;
  const std::map<LayerName, LayerFacts> &layers = report.network->layers;
  const MachinePeak &peak = *report.peak;
  auto layer = layers.find({row.branch, row.layer});
  if (layer == layers.end())
    return std::nullopt;
  const LayerFacts &facts = layer->second;
  double weights = 0;
  for (const auto &[name, other] : layers)
    weights += other.parameterBytes;
  Reached reached;
  reached.seconds = seconds(report, row);
  reached.flops = 2 * facts.macs / reached.seconds;
  reached.bytes = facts.parameterBytes + facts.activationBytes;
  reached.multiplying = 2 * facts.macs / peak.flops;
  reached.moving =
      facts.parameterBytes / peak.bytesPerSecond(weights) +
      facts.activationBytes / peak.bytesPerSecond(facts.activationBytes);
  return reached;
}

/// Empty where the report does not tell.
std::string kernelOf(const Report &report, const ProfileRow &row) {
  if (!report.peak)
    return "";
  const std::map<LayerName, std::string> &kernels = report.network->kernels;
  auto kernel = kernels.find({row.branch, row.layer});
  return kernel == kernels.end() ? "" : printable(kernel->second);
}

std::string rates(const std::optional<Reached> &reached, double peak) {
  if (!reached)
    return std::string(58, ' ');
  char line[96];
  std::snprintf(line, sizeof(line),
                "%8.1f %6.1f%% %11.0f %7.2f %7.1f%%  %-10s ",
                reached->flops * 1e-9, 100 * reached->flops / peak,
                reached->bytes, reached->bytes / reached->seconds * 1e-9,
                100 * reached->ofBound(), reached->boundBy());
  return line;
}

std::string head(const Report &report) {
  std::string text =
      "profile: " + std::to_string(report.profiledRuns) + " runs";
  char line[192];
  if (report.peak) {
    const MachinePeak &peak = *report.peak;
    std::snprintf(line, sizeof(line),
                  "; this machine: %.1f GFLOP/s, %.1f GB/s from memory\n"
                  " branch       us   share   GFLOP/s    peak       bytes    "
                  "GB/s   bound   bound by   layer (engine), kernel\n",
                  peak.flops * 1e-9, peak.read.back().second * 1e-9);
    return text + line;
  }
  return text + "\n branch       us   share  layer (engine)\n";
}

} // namespace

std::string profileToText(const Report &report) {
  double total = 0;
  for (const ProfileRow &row : report.profile)
    total += double(row.nanoseconds);
  std::string text = head(report);
  for (const ProfileRow &row : report.profile) {
    char line[96];
    std::snprintf(line, sizeof(line), "%7s %8.1f  %5.1f%%  ",
                  row.branch.c_str(), seconds(report, row) * 1e6,
                  total > 0 ? 100 * double(row.nanoseconds) / total : 0);
    text += line;
    if (report.peak)
      text += rates(reach(report, row), report.peak->flops);
    text += printable(row.layer) +
            (row.engine.empty() ? "" : " (" + row.engine + ")");
    const std::string kernel = kernelOf(report, row);
    text += (kernel.empty() ? "" : ", " + kernel) + "\n";
  }
  return text;
}

nlohmann::ordered_json profileToJson(const Report &report) {
  Json list = Json::array();
  for (const ProfileRow &row : report.profile) {
    Json entry = {{"branch", row.branch},
                  {"engine", row.engine},
                  {"layer", row.layer},
                  {"us", seconds(report, row) * 1e6}};
    if (std::optional<Reached> reached = reach(report, row)) {
      entry["gflops"] = reached->flops * 1e-9;
      entry["percent_of_peak"] = 100 * reached->flops / report.peak->flops;
      entry["bytes"] = reached->bytes;
      entry["percent_of_bound"] = 100 * reached->ofBound();
      entry["bound_by"] = reached->boundBy();
    }
    if (std::string kernel = kernelOf(report, row); !kernel.empty())
      entry["kernel"] = kernel;
    list.push_back(std::move(entry));
  }
  return list;
}

} // namespace lcp::rt
