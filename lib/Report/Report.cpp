//===- Report.cpp - The report as JSON ------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Report/Report.h"
#include "common/devices/ModelledTime.h"
#include "lcp/Analysis/Cost/ModelledLatency.h"

using namespace mlir;
using namespace mlir::lcp;
using llvm::json::Array;
using llvm::json::Object;

static Object describeValue(const OutlinedModel &model, uint32_t id) {
  const OutlinedModel::Value &value = model.values[id];
  Array shape;
  for (int64_t size : value.type.getShape())
    shape.push_back(size);
  return Object{{"value", id},
                {"name", value.name},
                {"shape", std::move(shape)},
                {"bytes", getByteSize(value.type)}};
}

static Array describeValues(const OutlinedModel &model,
                            ArrayRef<uint32_t> ids) {
  Array values;
  for (uint32_t id : ids)
    values.push_back(describeValue(model, id));
  return values;
}

static Object describePart(const CompiledPart &part) {
  return Object{{"format", part.format.name},
                {"isa", part.format.isa},
                {"code_bytes", part.code.bytes.size()},
                {"weight_bytes", part.weights.bytes.size()},
                {"arena_bytes", part.arenaBytes},
                {"steps", part.layers.size()}};
}

namespace {
/// What compiled branches take on a device. They run one after the other, so
/// the largest arena serves them all.
struct CompiledBytes {
  uint64_t code = 0, weights = 0, arena = 0;

  void add(const CompiledBranch &branch) {
    for (const CompiledPart &part : branch.parts) {
      code += part.code.bytes.size();
      weights += part.weights.bytes.size();
      arena = std::max(arena, part.arenaBytes);
    }
  }
  void writeTo(Object &object) const {
    object["code_bytes"] = code;
    object["weight_bytes"] = weights;
    object["arena_bytes"] = arena;
  }
};

class ReportBuilder {
public:
  ReportBuilder(const CompiledModel &compiled, const ModelFootprint &footprint)
      : compiled(compiled), network(footprint.network), wire(footprint.wire),
        unitFootprints(footprint.units) {}
  Array describeSteps();
  Array describeDevices();
  Object describeOneDevice();
  /// What an inference waits for links like the first device's, in ms; nothing
  /// when its file has none.
  std::optional<double> modelNetwork();

private:
  Object describeBranch(const Unit &unit, const CompiledUnit &compiledUnit,
                        const UnitFootprint &footprint);
  Object describeDevice(StringRef name, const DeviceFootprint &figures,
                        ArrayRef<const CompiledUnit *> units, uint64_t carried,
                        unsigned waits);
  SmallVector<const CompiledUnit *> unitsOfDevice(int device) const;

  const CompiledModel &compiled;
  const NetworkFootprint &network;
  const ::lcp::WireBytes &wire;
  ArrayRef<SmallVector<UnitFootprint, 0>> unitFootprints;
};
} // namespace

Object ReportBuilder::describeBranch(const Unit &unit,
                                     const CompiledUnit &compiledUnit,
                                     const UnitFootprint &footprint) {
  Array parts, layers, placement;
  for (const CompiledPart &part : compiledUnit.branch.parts)
    parts.push_back(describePart(part));
  for (const LayerFootprint &layer : footprint.layers) {
    Object object = toJSON(layer);
    // The branch stands in its stage, and the layer in its branch.
    object.erase("stage");
    object.erase("branch");
    layers.push_back(std::move(object));
  }
  for (const LayerNote &note : compiledUnit.branch.notes)
    placement.push_back(Object{{"layer", note.layer},
                               {"target", note.target},
                               {"reason", note.reason},
                               {"kernel", note.kernel}});
  Object branch = toJSON(footprint.figures);
  CompiledBytes bytes;
  bytes.add(compiledUnit.branch);
  bytes.writeTo(branch);
  branch["target"] = compiledUnit.target->getName();
  branch["device"] = compiledUnit.target->getDevice();
  branch["inputs"] = describeValues(compiled.model, unit.inputs);
  branch["outputs"] = describeValues(compiled.model, unit.outputs);
  branch["parts"] = std::move(parts);
  branch["layers"] = std::move(layers);
  branch["placement"] = std::move(placement);
  return branch;
}

/// Marks each branch that differs from an earlier one only in its weights with
/// the number of the first of that kind.
static void markEqualBranches(Array &branches) {
  auto equal = [](const Object &a, const Object &b) {
    return llvm::all_of(
        ArrayRef<StringRef>{"target", "layers", "bytes_in", "bytes_out",
                            "parameters", "activation_bytes"},
        [&](StringRef key) { return *a.get(key) == *b.get(key); });
  };
  for (size_t i = 1; i < branches.size(); ++i)
    for (size_t first = 0; first < i; ++first) {
      const Object &candidate = *branches[first].getAsObject();
      Object &branch = *branches[i].getAsObject();
      if (candidate.get("same_as") || !equal(candidate, branch))
        continue;
      branch["same_as"] = first;
      break;
    }
}

Array ReportBuilder::describeSteps() {
  const OutlinedModel &model = compiled.model;
  Array steps;
  size_t number = 0;
  for (const auto &step : model.steps) {
    if (auto *merge = std::get_if<MergeStep>(&step)) {
      steps.push_back(Object{{"merge", stringifyMergeKind(merge->kind)},
                             {"inputs", describeValues(model, merge->inputs)},
                             {"output", describeValue(model, merge->output)}});
      continue;
    }
    const auto &stage = std::get<Stage>(step);
    Array branches;
    for (auto [unit, result, footprint] : llvm::zip_equal(
             stage.units, compiled.units[number], unitFootprints[number]))
      branches.push_back(describeBranch(unit, result, footprint));
    markEqualBranches(branches);
    steps.push_back(Object{{"stage", number++},
                           {"parallel", stage.parallel},
                           {"first_device", stage.firstDevice},
                           {"branches", std::move(branches)}});
  }
  return steps;
}

// The units that `device` runs in parallel stages; for -1, the coordinator,
// those of all serial stages.
SmallVector<const CompiledUnit *>
ReportBuilder::unitsOfDevice(int device) const {
  SmallVector<const CompiledUnit *> units;
  size_t number = 0;
  for (const auto &step : compiled.model.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    const auto &all = compiled.units[number++];
    int branch = device - int(stage->firstDevice);
    if (stage->parallel && branch >= 0 && size_t(branch) < all.size())
      units.push_back(&all[branch]);
    else if (!stage->parallel && device < 0)
      units.push_back(&all[0]);
  }
  return units;
}

static std::optional<::lcp::Device> readDevice(StringRef name) {
  std::vector<std::string> problems;
  return ::lcp::findDevice(name.str(), ::lcp::deviceFolder(), problems);
}

static Object modelTimes(StringRef deviceName, const ::lcp::MacsByKind &macs,
                         uint64_t carried, unsigned waits) {
  Object times;
  std::optional<::lcp::Device> device = readDevice(deviceName);
  if (!device)
    return times;
  if (auto seconds = ::lcp::computeSeconds(*device, macs)) {
    times["compute_ms"] = *seconds * 1e3;
    times["efficiency"] = ::lcp::efficiencySource(*device);
  }
  if (auto seconds = ::lcp::linkSeconds(*device, int64_t(carried), waits))
    times["link_ms"] = *seconds * 1e3;
  return times;
}

Object ReportBuilder::describeDevice(StringRef name,
                                     const DeviceFootprint &figures,
                                     ArrayRef<const CompiledUnit *> units,
                                     uint64_t carried, unsigned waits) {
  Object object = toJSON(figures);
  object["name"] = name.str();
  CompiledBytes bytes;
  for (const CompiledUnit *unit : units)
    bytes.add(unit->branch);
  bytes.writeTo(object);
  if (units.empty())
    return object;
  object["target"] = units[0]->target->getName();
  StringRef device = units[0]->target->getDevice();
  object["device"] = device;
  object["modelled"] = modelTimes(device, figures.macs, carried, waits);
  return object;
}

Array ReportBuilder::describeDevices() {
  Array devices;
  auto addWire = [&](const ::lcp::LinkLoad &load) {
    Object &object = *devices.back().getAsObject();
    object["wire_bytes_in"] = load.in;
    object["wire_bytes_out"] = load.out;
  };
  const ::lcp::LinkLoads &links = network.links;
  for (auto [i, figures] : llvm::enumerate(network.devices)) {
    devices.push_back(describeDevice("device " + std::to_string(i), figures,
                                     unitsOfDevice(i), links.devices[i].total(),
                                     2 * figures.roundTrips));
    addWire(wire.devices[i]);
  }
  const bool isAlone = devices.empty();
  devices.push_back(describeDevice(
      isAlone ? "device" : "coordinator", network.outside, unitsOfDevice(-1),
      links.coordinator.total(), links.sum().waits));
  if (!isAlone)
    addWire(wire.coordinator);
  return devices;
}

// Half of the method's gain is the narrowing, so what the divided model asks of
// a single device (the first branch's) belongs beside the rest. It was not
// compiled for one, so there are no bytes of code.
Object ReportBuilder::describeOneDevice() {
  DeviceFootprint figures = network.onOneDevice();
  const Target *target = unitsOfDevice(0).front()->target;
  Object object = toJSON(figures);
  object["name"] = "all branches on one device";
  object["target"] = target->getName();
  object["device"] = target->getDevice();
  object["modelled"] = modelTimes(target->getDevice(), figures.macs,
                                  /*carried=*/0, /*waits=*/0);
  return object;
}

// The coordinator may be the host, whose device file knows no link.
std::optional<double> ReportBuilder::modelNetwork() {
  auto device = readDevice(unitsOfDevice(0).front()->target->getDevice());
  if (!device)
    return std::nullopt;
  auto seconds = networkSeconds(*device, network.links);
  return seconds ? std::optional(*seconds * 1e3) : std::nullopt;
}

static Object describeInput(const InputTraffic &input) {
  static constexpr const char *forms[] = {"elements", "pixels", "file"};
  return Object{{"form", forms[size_t(input.form)]},
                {"bytes", input.bytes},
                {"receivers", input.receivers}};
}

Object mlir::lcp::makeReport(const CompiledModel &compiled,
                             const ModelFootprint &footprint,
                             StringRef commandLine, StringRef plan) {
  const OutlinedModel &model = compiled.model;
  ReportBuilder builder(compiled, footprint);
  Object report{{"model", model.name},
                {"command_line", commandLine.str()},
                {"split", model.split},
                {"plan", plan.str()},
                {"trained_after_split", model.trainedAfterSplit},
                {"round_trips", footprint.network.roundTrips},
                {"inputs", describeValues(model, model.inputs)},
                {"outputs", describeValues(model, model.outputs)},
                {"steps", builder.describeSteps()},
                {"devices", builder.describeDevices()}};
  if (footprint.network.devices.empty())
    return report;
  report["one_device"] = builder.describeOneDevice();
  report["input_traffic"] = describeInput(footprint.input);
  if (std::optional<double> link = builder.modelNetwork())
    report["network_ms"] = *link;
  return report;
}
