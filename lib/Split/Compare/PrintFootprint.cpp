//===- PrintFootprint.cpp - Footprints as a table or JSON -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "common/base/Printable.h"
#include "common/devices/ModelledTime.h"
#include "common/traffic/WireBytes.h"
#include "lcp/Analysis/Cost/BranchDevices.h"
#include "lcp/Analysis/Cost/ModelledLatency.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/Factor.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_PRINTFOOTPRINTPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// What latencies are modelled on, if they are.
using MaybeDevice = std::optional<::lcp::Device>;

static std::string describe(const ::lcp::Device &device) {
  return device.name + " (efficiency: " + ::lcp::efficiencySource(device) + ")";
}

static void printHeader(raw_ostream &os, const MaybeDevice &device) {
  os << llvm::formatv("{0,-34}{1,12}{2,14}{3,12}{4,11}{5,11}", "", "parameters",
                      "MACs", "memory B", "in B", "out B");
  if (device)
    os << llvm::formatv("{0,14}{1,12}", "compute ms", "link ms");
  os << '\n';
}

static void printFigures(raw_ostream &os, StringRef name,
                         const DeviceFootprint &footprint) {
  os << llvm::formatv("{0,-34}{1,12}{2,14}{3,12}{4,11}{5,11}", name,
                      footprint.parameters, footprint.macs.total(),
                      footprint.memoryBytes(), footprint.bytesIn,
                      footprint.bytesOut);
}

static void printLine(raw_ostream &os, StringRef name,
                      const DeviceFootprint &footprint) {
  printFigures(os, name, footprint);
  os << '\n';
}

static void printRow(raw_ostream &os, StringRef name, const Deployment &row,
                     const MaybeDevice &device) {
  printFigures(os, name, row.perDevice);
  if (device) {
    ModelledLatency latency = modelLatency(*device, row);
    os << llvm::formatv("{0,14:F3}{1,12:F3}", 1e3 * latency.computeSeconds,
                        1e3 * latency.linkSeconds);
  }
  os << '\n';
}

static ::lcp::WireBytes predictWire(const NetworkFootprint &footprint,
                                    const MaybeDevice &device) {
  return ::lcp::predictWire(footprint.traffic, footprint.calls,
                            modelConditions(device, footprint));
}

static void print(raw_ostream &os, const NetworkFootprint &footprint,
                  const MaybeDevice &device) {
  printHeader(os, std::nullopt);
  for (const LayerFootprint &layer : footprint.layers) {
    std::string name = "  " + ::lcp::printable(layer.name);
    if (layer.branch >= 0)
      name += llvm::formatv(" s{0}.b{1}", layer.stage, layer.branch);
    os << llvm::formatv("{0,-34}{1,12}{2,14}\n", name, layer.parameters,
                        layer.macs);
  }
  for (size_t i = 0; i < footprint.devices.size(); ++i)
    printLine(os, llvm::formatv("device {0}", i).str(), footprint.devices[i]);
  printLine(os,
            footprint.devices.empty() ? "one device" : "outside the branches",
            footprint.outside);
  if (!device)
    return;
  os << "Modelled on " << describe(*device) << ":\n";
  printHeader(os, device);
  if (!footprint.devices.empty())
    printRow(os, "the busiest device", deployOnDevices("", footprint), device);
  printRow(os, "all on one device",
           deployOnOneDevice("", footprint.onOneDevice()), device);
  if (footprint.devices.empty())
    return;
  const ::lcp::LinkLoad wire = predictWire(footprint, device).coordinator;
  os << "The coordinator's cable carries " << wire.out << " B out and "
     << wire.in << " B in, with all that TLS, TCP and Ethernet add.\n";
}

static void print(raw_ostream &os, ArrayRef<Deployment> rows,
                  const MaybeDevice &device) {
  os << "Per device, for one inference";
  if (device)
    os << "; modelled on " << describe(*device);
  os << ":\n";
  printHeader(os, device);
  for (const Deployment &row : rows) {
    printRow(os, llvm::formatv("{0} ({1})", row.name, row.devices).str(), row,
             device);
    if (row.coordinator.bytesIn)
      printLine(
          os,
          llvm::formatv("  coordinator, {0} round trips", row.roundTrips).str(),
          row.coordinator);
  }
  os << "A pipeline raises the rate: an answer passes all of its devices, one "
        "after the other.\n";
}

static void addModelled(llvm::json::Object &object, const Deployment &row,
                        const MaybeDevice &device) {
  if (!device)
    return;
  llvm::json::Object modelled = toJSON(modelLatency(*device, row));
  modelled["device"] = device->name;
  modelled["efficiency"] = ::lcp::efficiencySource(*device);
  object["modelled"] = std::move(modelled);
}

static llvm::json::Value toJSON(const NetworkFootprint &footprint,
                                const MaybeDevice &device) {
  llvm::json::Value value = toJSON(footprint);
  llvm::json::Object &object = *value.getAsObject();
  addModelled(object, deployOnDevices("", footprint), device);
  ::lcp::WireBytes wire = predictWire(footprint, device);
  object["coordinator_wire"] = llvm::json::Object{
      {"bytes_in", wire.coordinator.in}, {"bytes_out", wire.coordinator.out}};
  addModelled(*object.getObject("on_one_device"),
              deployOnOneDevice("", footprint.onOneDevice()), device);
  return value;
}

static llvm::json::Value toJSON(ArrayRef<Deployment> rows,
                                const MaybeDevice &device) {
  llvm::json::Array array;
  for (const Deployment &row : rows) {
    array.push_back(toJSON(row));
    addModelled(*array.back().getAsObject(), row, device);
  }
  return array;
}

/// Of a divided network, each branch on its own device.
static void printOnDevices(raw_ostream &os, const NetworkFootprint &footprint,
                           ArrayRef<::lcp::Device> devices) {
  print(os, footprint, MaybeDevice());
  os << "Modelled, each branch on its device, by that device's efficiency "
        "(measured, published or peak) and link:\n";
  printHeader(os, devices[0]);
  for (auto [i, device] : llvm::enumerate(devices)) {
    const DeviceFootprint &branch = footprint.devices[i];
    printFigures(os,
                 llvm::formatv("device {0}, {1} ({2})", i, device.name,
                               ::lcp::efficiencySource(device))
                     .str(),
                 branch);
    BranchTime time = modelTime(device, branch);
    os << llvm::formatv("{0,14:F3}{1,12:F3}\n", 1e3 * *time.compute,
                        1e3 * *time.link);
  }
}

static llvm::json::Value toJSONOnDevices(const NetworkFootprint &footprint,
                                         ArrayRef<::lcp::Device> devices) {
  llvm::json::Value value = toJSON(footprint);
  llvm::json::Array &branches = *value.getAsObject()->getArray("devices");
  for (auto [i, device] : llvm::enumerate(devices)) {
    BranchTime time = modelTime(device, footprint.devices[i]);
    (*branches[i].getAsObject())["modelled"] =
        llvm::json::Object{{"device", device.name},
                           {"efficiency", ::lcp::efficiencySource(device)},
                           {"compute_ms", 1e3 * *time.compute},
                           {"link_ms", 1e3 * *time.link}};
  }
  return value;
}

namespace {
struct PrintFootprint
    : mlir::lcp::impl::PrintFootprintPassBase<PrintFootprint> {
  using Base::Base;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    std::string full = options == "json" ? "json=true" : expandFactor(options);
    return Base::initializeOptions(full, errorHandler);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(measure()))
      signalPassFailure();
  }

  /// With the first input as a file, where the user says so.
  ::lcp::InputForm inputForm() const {
    using Kind = ::lcp::InputForm::Kind;
    return {inputBytes ? Kind::File : Kind::Elements, uint64_t(inputBytes)};
  }

  LogicalResult measure() {
    if (inputBytes < 0)
      return getOperation().emitError("input-bytes= is a number of bytes");
    MaybeDevice model;
    if (!device.empty()) {
      FailureOr<BranchDevices> devices =
          readBranchDevices(getOperation(), device, /*cluster=*/"");
      if (failed(devices) ||
          failed(checkFigures(getOperation(), devices->list, /*memory=*/false,
                              /*link=*/true, "latency cannot be modelled")))
        return failure();
      if (!devices->anyNumber)
        return measureOnDevices(devices->list);
      model = std::move(devices->list[0]);
    }
    if (factor == 0) {
      FailureOr<NetworkFootprint> footprint =
          measureNetwork(getOperation(), inputForm());
      return failed(footprint) ? failure() : show(*footprint, model);
    }
    FailureOr<std::vector<Deployment>> rows =
        compareNetwork(getOperation(), factor, merge, classifier, inputForm());
    return failed(rows) ? failure() : show(ArrayRef(*rows), model);
  }

  LogicalResult measureOnDevices(ArrayRef<::lcp::Device> devices) {
    if (factor != 0)
      return getOperation().emitError(
          "device= with several names is for the branches of a divided "
          "network; a comparison (factor=) is modelled on one");
    FailureOr<NetworkFootprint> footprint =
        measureNetwork(getOperation(), inputForm());
    if (failed(footprint))
      return failure();
    if (devices.size() != footprint->devices.size())
      return getOperation().emitError()
             << "device= names " << devices.size()
             << " devices, for a network of " << footprint->devices.size()
             << " branches";
    if (json)
      llvm::outs() << llvm::formatv("{0:2}\n",
                                    toJSONOnDevices(*footprint, devices));
    else
      printOnDevices(llvm::outs(), *footprint, devices);
    return success();
  }

  template <typename Figures>
  LogicalResult show(const Figures &figures, const MaybeDevice &model) {
    if (json)
      llvm::outs() << llvm::formatv("{0:2}\n", toJSON(figures, model));
    else
      print(llvm::outs(), figures, model);
    return success();
  }
};
} // namespace
