//===- Counts.cpp - What a model asks of its devices --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/ModelledLatency.h"
#include "lcp/Analysis/Cost/NetworkTraffic.h"
#include "lcp/Report/Report.h"

using namespace mlir;
using namespace mlir::lcp;

using ::lcp::TrafficModel;

static TrafficModel describeTraffic(const OutlinedModel &model,
                                    const ::lcp::InputForm &input) {
  TrafficModel traffic;
  traffic.name = model.name;
  for (const OutlinedModel::Value &value : model.values)
    traffic.values.push_back(describeTensor(value.type, value.name));
  for (const auto &step : model.steps) {
    if (auto *merge = std::get_if<MergeStep>(&step)) {
      traffic.steps.push_back(TrafficModel::Merge{
          {merge->inputs.begin(), merge->inputs.end()}, merge->output});
      continue;
    }
    const auto &stage = std::get<Stage>(step);
    TrafficModel::Stage described{stage.parallel, stage.firstDevice, {}};
    for (const Unit &unit : stage.units)
      described.branches.push_back(
          {{unit.inputs.begin(), unit.inputs.end()},
           {unit.outputs.begin(), unit.outputs.end()}});
    traffic.steps.push_back(std::move(described));
  }
  traffic.outputs.assign(model.outputs.begin(), model.outputs.end());
  if (!model.inputs.empty())
    setInputForm(traffic, model.inputs.front(), input);
  return traffic;
}

namespace {
/// Measures the units of a model, whose branches are called in order.
class UnitMeasurer {
public:
  UnitMeasurer(const OutlinedModel &model, const ::lcp::InputForm &input)
      : traffic(describeTraffic(model, input)),
        calls(::lcp::routeCalls(traffic)),
        links(::lcp::loadLinks(traffic, calls)) {}

  FailureOr<UnitFootprint> measure(const Stage &stage, const Unit &unit);
  InputTraffic describeInput(const OutlinedModel &model) const;
  ::lcp::WireBytes predictWire(const ::lcp::WireConditions &conditions) const {
    return ::lcp::predictWire(traffic, calls, conditions);
  }

private:
  TrafficModel traffic;
  std::vector<::lcp::RoutedCall> calls;
  ::lcp::LinkLoads links;
  size_t next = 0;
};
} // namespace

FailureOr<UnitFootprint> UnitMeasurer::measure(const Stage &stage,
                                               const Unit &unit) {
  FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
  if (failed(function))
    return failure();
  if (!stage.parallel)
    return measureUnit(*function, {}, [](unsigned) { return 0; });
  const ::lcp::RoutedCall &call = calls[next];
  const ::lcp::LinkLoad &load = links.calls[next++];
  return measureUnit(*function, load, [&](unsigned result) {
    return ::lcp::countReceivers(call, call.outputs[result]);
  });
}

InputTraffic UnitMeasurer::describeInput(const OutlinedModel &model) const {
  InputTraffic input;
  if (model.inputs.empty())
    return input;
  const uint32_t value = model.inputs.front();
  if (auto form = traffic.forms.find(value); form != traffic.forms.end())
    input.form = form->second.kind;
  input.bytes = traffic.sentBytes(value);
  for (const ::lcp::RoutedCall &call : calls)
    input.receivers += llvm::any_of(
        call.inputs, [&](auto &each) { return each.value == value; });
  return input;
}

FailureOr<ModelFootprint> mlir::lcp::measureModel(ModuleOp module,
                                                  const OutlinedModel &model,
                                                  const ::lcp::InputForm &input,
                                                  StringRef deviceName) {
  FailureOr<NetworkFootprint> network = measureNetwork(module, input);
  if (failed(network))
    return failure();
  ModelFootprint footprint;
  footprint.network = std::move(*network);
  UnitMeasurer measurer(model, input);
  for (const auto &step : model.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    auto &units = footprint.units.emplace_back();
    for (const Unit &unit : stage->units) {
      FailureOr<UnitFootprint> measured = measurer.measure(*stage, unit);
      if (failed(measured))
        return failure();
      units.push_back(std::move(*measured));
    }
  }
  footprint.input = measurer.describeInput(model);
  std::vector<std::string> problems;
  auto device =
      ::lcp::findDevice(deviceName.str(), ::lcp::deviceFolder(), problems);
  footprint.wire =
      measurer.predictWire(modelConditions(device, footprint.network));
  return footprint;
}
