//===- Calibrate.cpp - A device file of what was measured -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"

#include "common/base/Printable.h"
#include "runtime/platform/OutputFile.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <numeric>
#include <sstream>

namespace lcp::rt {
namespace {

/// What layers of one kind did in a run.
struct Measured {
  double macs = 0, seconds = 0;

  /// A second; they did something.
  double rate() const { return macs / seconds; }
  Measured operator+(const Measured &other) const {
    return {macs + other.macs, seconds + other.seconds};
  }
};
using ByKind = std::array<Measured, layerKindNames.size()>;

/// The median run, shared among the kinds as the profile has it.
Result<ByKind> measureKinds(const RunOptions &options, const Report &report) {
  const std::map<LayerName, LayerFacts> &layers = report.network->layers;
  ByKind kinds;
  double profiled = 0;
  size_t found = 0;
  for (const ProfileRow &row : report.profile) {
    auto layer = layers.find({row.branch, row.layer});
    if (layer == layers.end())
      continue;
    ++found;
    Measured &kind = kinds[size_t(layer->second.kind)];
    kind.macs += layer->second.macs;
    kind.seconds += double(row.nanoseconds);
    profiled += double(row.nanoseconds);
  }
  if (found != layers.size() || profiled == 0)
    return Status(StatusCode::InvalidArgument,
                  "'" + options.counts + "' is not the report of '" +
                      options.bundle + "': of its " +
                      std::to_string(layers.size()) + " layers " +
                      std::to_string(found) + " ran");
  for (Measured &kind : kinds)
    kind.seconds *= report.benchmark->median * 1e-9 / profiled;
  return kinds;
}

/// "conv3x3: 0.9 # 12 million multiply-accumulates in 3 ms".
std::string describeKind(size_t kind, const ByKind &kinds, double fastest) {
  const Measured all = std::accumulate(kinds.begin(), kinds.end(), Measured(),
                                       std::plus<Measured>());
  const bool ran = kinds[kind].seconds > 0;
  const Measured &own = ran ? kinds[kind] : all;
  std::ostringstream line;
  line.precision(4);
  line << "  " << layerKindNames[kind] << ": " << own.rate() / fastest
       << "  # ";
  if (ran)
    line << own.macs / 1e6 << " million multiply-accumulates in "
         << own.seconds * 1e3 << " ms\n";
  else
    line << "none in this network: the mean of all layers\n";
  return line.str();
}

std::string describeLink(const MeasuredLink &link) {
  std::ostringstream text;
  text.precision(4);
  text << "link:\n"
          "  bandwidth_bits_per_s: "
       << link.bitsPerSecond
       << "  # payload, the slower way, to the worker with the fastest link\n"
          "  latency_s: "
       << link.latencySeconds << "  # half the median round trip to it\n";
  return text.str();
}

std::string describeDevice(const std::string &name, const ByKind &kinds,
                           const Report &report,
                           const std::optional<MeasuredLink> &link) {
  double fastest = 0;
  for (const Measured &kind : kinds)
    if (kind.seconds > 0)
      fastest = std::max(fastest, kind.rate());
  std::ostringstream text;
  text.precision(4);
  text << "# lcp-run --calibrate-device, the median of "
       << report.benchmark->runs << " runs of " << printable(report.model)
       << ".\n# " << (link ? "Power" : "Link, power")
       << " and, for a target, triple and cpu are to be added by hand.\n"
          "name: "
       << name << "\nkind: cpu\ncores: " << report.threads
       << "  # threads of the measurement\nmac_per_s: " << fastest
       << "  # of the fastest kind of layer, no peak of the CPU\n"
          "efficiency:\n"
          "  source: measured\n";
  for (size_t kind = 0; kind < kinds.size(); ++kind)
    text << describeKind(kind, kinds, fastest);
  if (link)
    text << describeLink(*link);
  return text.str();
}

/// The name of the file without .yaml, as lcp-opt will look for it.
Result<std::string> nameOfDevice(const std::string &path) {
  const std::filesystem::path file(path);
  const std::string name = file.stem().string();
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
  if (file.extension() != ".yaml" || !plain || !std::isalpha(name[0]))
    return Status(StatusCode::InvalidArgument,
                  "--calibrate-device='" + path +
                      "' does not name a device: NAME.yaml, a letter and then "
                      "letters, digits, '-', '_' and '.'");
  return name;
}

} // namespace

Status calibrateDevice(const RunOptions &options, const ModelInfo &model,
                       const Report &report,
                       const std::optional<MeasuredLink> &link) {
  LCP_ASSIGN_OR_RETURN(std::string name, nameOfDevice(options.calibrateDevice));
  for (const ModelStage *stage : model.stages())
    if (stage->parallel)
      return Status(StatusCode::InvalidArgument,
                    "--calibrate-device wants a whole network: branches of '" +
                        options.bundle + "' run side by side");
  LCP_ASSIGN_OR_RETURN(ByKind kinds, measureKinds(options, report));
  const std::string text = describeDevice(name, kinds, report, link);
  LCP_ASSIGN_OR_RETURN(OutputFile file,
                       OutputFile::create(options.calibrateDevice));
  LCP_RETURN_IF_ERROR(file.write(
      {reinterpret_cast<const std::byte *>(text.data()), text.size()}));
  return file.commit();
}

} // namespace lcp::rt
