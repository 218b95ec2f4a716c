//===- Cost.cpp - What a network costs its devices ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Cost.h"
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
  explicit Measurer(NetworkCost &cost) : cost(cost) {}
  void measure(func::FuncOp func);

private:
  void addOp(Operation &op, DeviceCost &device, int branch);
  void addParallel(ParallelOp op);

  NetworkCost &cost;
  unsigned stage = 0;
};
} // namespace

void Measurer::addOp(Operation &op, DeviceCost &device, int branch) {
  Footprint footprint = measureFootprint(&op);
  device.macs += footprint.macs;
  device.parameters += footprint.parameters;
  if (auto constant = dyn_cast<ConstantOp>(op))
    device.parameterBytes += getByteSize(constant.getType());
  if (!isLayer(&op))
    return;
  int64_t parameters = 0;
  for (Value operand : op.getOperands())
    if (auto constant = operand.getDefiningOp<ConstantOp>())
      parameters += constant.getType().getNumElements();
  cost.layers.push_back({nodeName(&op).str(), op.getName().getStringRef().str(),
                         stage, branch, parameters, footprint.macs,
                         bytesOf(op.getResult(0))});
}

void Measurer::addParallel(ParallelOp op) {
  if (cost.devices.size() < op.getNumBranches())
    cost.devices.resize(op.getNumBranches());
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    DeviceCost &device = cost.devices[branch];
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
      addOp(op, cost.outside, -1);
  cost.roundTrips = stage;
  for (Value argument : block.getArguments())
    cost.inputBytes += bytesOf(argument);
  for (Value result : block.getTerminator()->getOperands())
    cost.outputBytes += bytesOf(result);
  cost.outside.activationBytes = peakBytes(block);
  cost.outside.bytesIn = cost.inputBytes;
  cost.outside.bytesOut = cost.outputBytes;
  for (const DeviceCost &device : cost.devices) {
    cost.outside.bytesIn += device.bytesOut;
    cost.outside.bytesOut += device.bytesIn;
  }
}

FailureOr<NetworkCost> mlir::lcp::measureNetwork(ModuleOp module) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func))
    return failure();
  NetworkCost cost;
  if (auto name = module->getAttrOfType<StringAttr>(kModelNameAttr))
    cost.name = name.str();
  Measurer(cost).measure(*func);
  return cost;
}

DeviceCost NetworkCost::worstDevice() const {
  if (devices.empty())
    return outside;
  DeviceCost worst;
  for (const DeviceCost &device : devices)
    for (auto figure : {&DeviceCost::parameters, &DeviceCost::parameterBytes,
                        &DeviceCost::macs, &DeviceCost::activationBytes,
                        &DeviceCost::bytesIn, &DeviceCost::bytesOut})
      worst.*figure = std::max(worst.*figure, device.*figure);
  return worst;
}

DeviceCost NetworkCost::onOneDevice() const {
  DeviceCost all = outside;
  for (const DeviceCost &device : devices) {
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
  FailureOr<NetworkCost> whole = measureNetwork(module);
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(whole) || failed(splitWidths(*copy, request)))
    return failure();
  FailureOr<NetworkCost> widths = measureNetwork(*copy);
  if (failed(removeNonBranchConnections(*copy, request.merge)))
    return failure();
  FailureOr<NetworkCost> split = measureNetwork(*copy);
  unsigned devices = factor;
  DeviceCost none;
  std::vector<ComparisonRow> rows = {
      {"one device", 1, whole->outside, none, 1},
      {"data parallel", devices, whole->outside, none, 1},
      {"model parallel", devices, widths->worstDevice(), widths->outside,
       widths->roundTrips},
      {"LCP", devices, split->worstDevice(), split->outside, split->roundTrips},
      {"LCP, all branches on one device", 1, split->onOneDevice(), none, 1}};
  return rows;
}

static llvm::json::Object figures(const DeviceCost &cost) {
  return llvm::json::Object{{"parameters", cost.parameters},
                            {"parameter_bytes", cost.parameterBytes},
                            {"macs", cost.macs},
                            {"activation_bytes", cost.activationBytes},
                            {"memory_bytes", cost.memoryBytes()},
                            {"bytes_in", cost.bytesIn},
                            {"bytes_out", cost.bytesOut}};
}

llvm::json::Value mlir::lcp::toJSON(const NetworkCost &cost) {
  llvm::json::Array devices, layers;
  for (const DeviceCost &device : cost.devices)
    devices.push_back(figures(device));
  for (const LayerCost &layer : cost.layers)
    layers.push_back(llvm::json::Object{{"name", layer.name},
                                        {"op", layer.op},
                                        {"stage", layer.stage},
                                        {"branch", layer.branch},
                                        {"parameters", layer.parameters},
                                        {"macs", layer.macs},
                                        {"output_bytes", layer.outputBytes}});
  return llvm::json::Object{{"model", cost.name},
                            {"round_trips", cost.roundTrips},
                            {"input_bytes", cost.inputBytes},
                            {"output_bytes", cost.outputBytes},
                            {"outside", figures(cost.outside)},
                            {"on_one_device", figures(cost.onOneDevice())},
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
