//===- LinkLoads.cpp - Bytes of tensors on each link ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/traffic/LinkLoads.h"

#include <algorithm>
#include <set>

using namespace lcp;

namespace {
class Loader {
public:
  Loader(const TrafficModel &model, const std::vector<RoutedCall> &calls)
      : model(model), calls(calls) {}
  LinkLoads run();

private:
  static constexpr int coordinator = -1;

  void addInputs(size_t index);
  void addOutputs(size_t index);
  void addStages();
  /// `stage`: whose end, or begin, waits for it.
  void add(int from, int to, size_t stage, uint64_t bytes);

  const TrafficModel &model;
  const std::vector<RoutedCall> &calls;
  LinkLoads loads;
  /// By stage and host.
  std::map<size_t, std::map<int, uint64_t>> ofStages;
  /// The calls that write them.
  std::map<uint32_t, size_t> writers;
  /// Values that went to a device already.
  std::set<std::pair<uint32_t, size_t>> pushed;
};
} // namespace

void Loader::add(int from, int to, size_t stage, uint64_t bytes) {
  auto loadOf = [&](int host) -> LinkLoad & {
    return host == coordinator ? loads.coordinator : loads.devices[host];
  };
  loadOf(from).out += bytes;
  loadOf(to).in += bytes;
  ofStages[stage][from] += bytes;
  ofStages[stage][to] += bytes;
}

void Loader::addInputs(size_t index) {
  const RoutedCall &call = calls[index];
  for (const RoutedCall::Input &input : call.inputs) {
    if (input.isSent()) {
      const uint64_t bytes = model.sentBytes(input.value);
      add(coordinator, int(call.device), call.stage, bytes);
      loads.calls[index].in += bytes;
    }
    for (uint32_t piece : input.awaited) {
      const RoutedCall &writer = calls[writers.at(piece)];
      if (writer.device == call.device ||
          !pushed.insert({piece, call.device}).second)
        continue;
      const uint64_t bytes = model.elementBytes(piece);
      add(int(writer.device), int(call.device), writer.stage, bytes);
      loads.calls[index].in += bytes;
      loads.calls[writers.at(piece)].out += bytes;
    }
  }
}

void Loader::addOutputs(size_t index) {
  const RoutedCall &call = calls[index];
  for (const RoutedCall::Output &output : call.outputs) {
    writers[output.value] = index;
    if (!output.isSentBack)
      continue;
    const uint64_t bytes = model.elementBytes(output.value);
    add(int(call.device), coordinator, call.stage, bytes);
    loads.calls[index].out += bytes;
  }
}

void Loader::addStages() {
  std::set<size_t> segments;
  for (const RoutedCall &call : calls) {
    auto here = ofStages.find(call.stage);
    if (here == ofStages.end())
      continue;
    LinkLoads::Stage &stage = loads.stages.emplace_back();
    const bool isNewSegment = segments.insert(call.firstStage).second;
    stage.waits = isNewSegment || !call.isDirect ? 2 : 1;
    for (const auto &[host, bytes] : here->second) {
      stage.busiest = std::max(stage.busiest, bytes);
      stage.all += bytes;
    }
    // Each end counted it.
    stage.all /= 2;
    ofStages.erase(here);
  }
}

LinkLoads Loader::run() {
  size_t devices = 0;
  for (const RoutedCall &call : calls) {
    devices = std::max(devices, call.device + 1);
    ofStages[call.stage];
  }
  loads.devices.resize(devices);
  loads.calls.resize(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    addInputs(i);
    addOutputs(i);
  }
  addStages();
  return std::move(loads);
}

LinkLoads::Stage LinkLoads::sum() const {
  Stage sum;
  for (const Stage &stage : stages) {
    sum.busiest += stage.busiest;
    sum.all += stage.all;
    sum.waits += stage.waits;
  }
  return sum;
}

LinkLoads lcp::loadLinks(const TrafficModel &model,
                         const std::vector<RoutedCall> &calls) {
  return Loader(model, calls).run();
}

unsigned lcp::countReceivers(const RoutedCall &call,
                             const RoutedCall::Output &output) {
  unsigned count = output.isSentBack ? 1 : 0;
  for (const auto &[device, takers] : output.takers)
    count += device != call.device;
  return count;
}
