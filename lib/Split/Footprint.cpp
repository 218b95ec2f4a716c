//===- Footprint.cpp - What a network costs its devices -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Footprint.h"
#include "Network.h"
#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Split/Split.h"
#include "mlir/IR/OwningOpRef.h"

using namespace mlir;
using namespace mlir::lcp;

static int64_t bytesOf(Value value) {
  return getByteSize(cast<RankedTensorType>(value.getType()));
}

/// The most that the tensors of a block occupy at once, constants aside.
static int64_t peakBytes(Block &block) {
  DenseMap<Value, Operation *> lastUse;
  for (Operation &op : block)
    for (Value operand : op.getOperands())
      lastUse[operand] = &op;
  int64_t now = 0, peak = 0;
  for (BlockArgument argument : block.getArguments())
    now += bytesOf(argument);
  for (Operation &op : block) {
    if (isa<ConstantOp>(op))
      continue;
    for (Value result : op.getResults())
      now += bytesOf(result);
    peak = std::max(peak, now);
    DenseSet<Value> freed;
    for (Value operand : op.getOperands())
      if (!isConstant(operand) && lastUse.lookup(operand) == &op &&
          freed.insert(operand).second)
        now -= bytesOf(operand);
  }
  return peak;
}

namespace {
class Measurer {
public:
  explicit Measurer(NetworkFootprint &footprint) : footprint(footprint) {}
  void measure(func::FuncOp func);

private:
  void addOp(Operation &op, DeviceFootprint &device, int branch);
  void addParallel(ParallelOp op);

  NetworkFootprint &footprint;
  unsigned stage = 0;
};
} // namespace

void Measurer::addOp(Operation &op, DeviceFootprint &device, int branch) {
  Footprint counts = measureFootprint(&op);
  device.macs += counts.macs;
  device.parameters += counts.parameters;
  if (auto constant = dyn_cast<ConstantOp>(op))
    device.parameterBytes += getByteSize(constant.getType());
  if (!isLayer(&op))
    return;
  int64_t parameters = 0;
  for (Value operand : op.getOperands())
    if (auto constant = operand.getDefiningOp<ConstantOp>())
      parameters += constant.getType().getNumElements();
  footprint.layers.push_back(
      {nodeName(&op).str(), op.getName().getStringRef().str(), stage, branch,
       parameters, counts.macs, bytesOf(op.getResult(0))});
}

void Measurer::addParallel(ParallelOp op) {
  if (footprint.devices.size() < op.getNumBranches())
    footprint.devices.resize(op.getNumBranches());
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    DeviceFootprint &device = footprint.devices[branch];
    Block &body = op.getBranches()[branch].front();
    for (Operation &inner : body)
      addOp(inner, device, branch);
    device.activationBytes = std::max(device.activationBytes, peakBytes(body));
    for (Value operand : op.getShared())
      device.bytesIn += bytesOf(operand);
    for (unsigned group = 0; group < op.getNumResultGroups(); ++group) {
      // A value that only later branches of its own read never leaves.
      Value result = op.getBranchResult(group, branch);
      if (!llvm::all_of(result.getUsers(),
                        [](Operation *user) { return isa<ParallelOp>(user); }))
        device.bytesOut += bytesOf(result);
    }
  }
  ++stage;
}

void Measurer::measure(func::FuncOp func) {
  Block &block = func.getBody().front();
  for (Operation &op : block)
    if (auto parallel = dyn_cast<ParallelOp>(op))
      addParallel(parallel);
    else
      addOp(op, footprint.outside, -1);
  footprint.roundTrips = stage;
  for (Value argument : block.getArguments())
    footprint.inputBytes += bytesOf(argument);
  for (Value result : block.getTerminator()->getOperands())
    footprint.outputBytes += bytesOf(result);
  footprint.outside.activationBytes = peakBytes(block);
  footprint.outside.bytesIn = footprint.inputBytes;
  footprint.outside.bytesOut = footprint.outputBytes;
  for (const DeviceFootprint &device : footprint.devices) {
    footprint.outside.bytesIn += device.bytesOut;
    footprint.outside.bytesOut += device.bytesIn;
  }
}

FailureOr<NetworkFootprint> mlir::lcp::measureNetwork(ModuleOp module) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func))
    return failure();
  NetworkFootprint footprint;
  if (auto name = module->getAttrOfType<StringAttr>(kModelNameAttr))
    footprint.name = name.str();
  Measurer(footprint).measure(*func);
  return footprint;
}

DeviceFootprint NetworkFootprint::worstDevice() const {
  if (devices.empty())
    return outside;
  DeviceFootprint worst;
  for (const DeviceFootprint &device : devices)
    for (auto figure :
         {&DeviceFootprint::parameters, &DeviceFootprint::parameterBytes,
          &DeviceFootprint::macs, &DeviceFootprint::activationBytes,
          &DeviceFootprint::bytesIn, &DeviceFootprint::bytesOut})
      worst.*figure = std::max(worst.*figure, device.*figure);
  return worst;
}

DeviceFootprint NetworkFootprint::onOneDevice() const {
  DeviceFootprint all = outside;
  for (const DeviceFootprint &device : devices) {
    all.parameters += device.parameters;
    all.parameterBytes += device.parameterBytes;
    all.macs += device.macs;
    // The branches run one after the other; the tensors outside stay.
    all.activationBytes = std::max(
        all.activationBytes, outside.activationBytes + device.activationBytes);
  }
  all.bytesIn = inputBytes;
  all.bytesOut = outputBytes;
  return all;
}

FailureOr<std::vector<ComparisonRow>>
mlir::lcp::compareNetwork(ModuleOp module, int64_t factor, StringRef merge,
                          StringRef classifier) {
  SplitRequest request;
  request.factor = factor;
  request.merge = merge.str();
  request.classifier = classifier.str();
  FailureOr<NetworkFootprint> whole = measureNetwork(module);
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(whole) || failed(splitWidths(*copy, request)))
    return failure();
  FailureOr<NetworkFootprint> widths = measureNetwork(*copy);
  if (failed(removeNonBranchConnections(*copy, request.merge)))
    return failure();
  FailureOr<NetworkFootprint> split = measureNetwork(*copy);
  unsigned devices = factor;
  DeviceFootprint none;
  std::vector<ComparisonRow> rows = {
      {"one device", 1, whole->outside, none, 1},
      {"data parallel", devices, whole->outside, none, 1},
      {"model parallel", devices, widths->worstDevice(), widths->outside,
       widths->roundTrips},
      {"LCP", devices, split->worstDevice(), split->outside, split->roundTrips},
      {"LCP, all branches on one device", 1, split->onOneDevice(), none, 1}};
  return rows;
}

static llvm::json::Object figures(const DeviceFootprint &footprint) {
  return llvm::json::Object{{"parameters", footprint.parameters},
                            {"parameter_bytes", footprint.parameterBytes},
                            {"macs", footprint.macs},
                            {"activation_bytes", footprint.activationBytes},
                            {"memory_bytes", footprint.memoryBytes()},
                            {"bytes_in", footprint.bytesIn},
                            {"bytes_out", footprint.bytesOut}};
}

llvm::json::Value mlir::lcp::toJSON(const NetworkFootprint &footprint) {
  llvm::json::Array devices, layers;
  for (const DeviceFootprint &device : footprint.devices)
    devices.push_back(figures(device));
  for (const LayerFootprint &layer : footprint.layers)
    layers.push_back(llvm::json::Object{{"name", layer.name},
                                        {"op", layer.op},
                                        {"stage", layer.stage},
                                        {"branch", layer.branch},
                                        {"parameters", layer.parameters},
                                        {"macs", layer.macs},
                                        {"output_bytes", layer.outputBytes}});
  return llvm::json::Object{{"model", footprint.name},
                            {"round_trips", footprint.roundTrips},
                            {"input_bytes", footprint.inputBytes},
                            {"output_bytes", footprint.outputBytes},
                            {"outside", figures(footprint.outside)},
                            {"on_one_device", figures(footprint.onOneDevice())},
                            {"devices", std::move(devices)},
                            {"layers", std::move(layers)}};
}

llvm::json::Value mlir::lcp::toJSON(const ComparisonRow &row) {
  return llvm::json::Object{{"name", row.name},
                            {"devices", row.devices},
                            {"per_device", figures(row.perDevice)},
                            {"coordinator", figures(row.coordinator)},
                            {"round_trips", row.roundTrips}};
}
