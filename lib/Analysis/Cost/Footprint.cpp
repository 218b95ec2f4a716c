//===- Footprint.cpp - What a network costs its devices -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/Footprint.h"
#include "common/devices/ModelledTime.h"
#include "lcp/Analysis/Cost/NetworkTraffic.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Dialect/LCP/IR/Queries.h"

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::InputForm;
using ::lcp::LayerKind;
using ::lcp::MacsByKind;

static int64_t bytesOf(Value value) {
  return getByteSize(cast<RankedTensorType>(value.getType()));
}

/// Of an op with weights.
static LayerKind kindOf(Operation *layer) {
  auto conv = dyn_cast<Conv2DOp>(layer);
  if (!conv)
    return LayerKind::Dense;
  auto weight = cast<RankedTensorType>(conv.getWeight().getType()).getShape();
  if (conv.getGroups() > 1)
    return weight[1] == 1 ? LayerKind::Depthwise : LayerKind::Other;
  ArrayRef<int64_t> kernel = weight.drop_front(2);
  if (llvm::all_of(kernel, [](int64_t size) { return size == 1; }))
    return LayerKind::Conv1x1;
  bool dense = llvm::all_of(kernel, [](int64_t size) { return size == 3; }) &&
               llvm::all_of(conv.getStrides(), [](auto s) { return s == 1; }) &&
               llvm::all_of(conv.getDilations(), [](auto d) { return d == 1; });
  return dense ? LayerKind::Conv3x3 : LayerKind::Other;
}

/// What the tensors of a block occupy while each of its ops runs, constants
/// aside.
static DenseMap<Operation *, int64_t> liveBytes(Block &block) {
  DenseMap<Value, Operation *> lastUse;
  for (Operation &op : block)
    for (Value operand : op.getOperands())
      lastUse[operand] = &op;
  DenseMap<Operation *, int64_t> live;
  int64_t now = 0;
  for (BlockArgument argument : block.getArguments())
    now += bytesOf(argument);
  for (Operation &op : block) {
    if (isa<ConstantOp>(op))
      continue;
    for (Value result : op.getResults())
      now += bytesOf(result);
    live[&op] = now;
    DenseSet<Value> freed;
    for (Value operand : op.getOperands())
      if (!isConstant(operand) && lastUse.lookup(operand) == &op &&
          freed.insert(operand).second)
        now -= bytesOf(operand);
  }
  return live;
}

namespace {
class Measurer {
public:
  explicit Measurer(NetworkFootprint &footprint) : footprint(footprint) {}
  void measure(func::FuncOp func, const InputForm &input);
  void addOps(Block &block, DeviceFootprint &device, int branch);
  void addSent(Value value, unsigned times);

private:
  void addOp(Operation &op, DeviceFootprint &device, int branch, int64_t live);
  void addParallel(ParallelOp op);
  void addBranch(ParallelOp op, unsigned branch, DeviceFootprint &device);

  NetworkFootprint &footprint;
  unsigned stage = 0;
  /// Of the branch that comes.
  size_t nextCall = 0;
  /// The last layer, as an index, that each value depends on.
  DenseMap<Value, size_t> lastLayer;
};
} // namespace

void Measurer::addOp(Operation &op, DeviceFootprint &device, int branch,
                     int64_t live) {
  Footprint counts = measureFootprint(&op);
  device.parameters += counts.parameters;
  if (auto constant = dyn_cast<ConstantOp>(op))
    device.parameterBytes += getByteSize(constant.getType());
  std::optional<size_t> last;
  if (isLayer(&op)) {
    device.macs[kindOf(&op)] += counts.macs;
    int64_t parameters = 0, parameterBytes = 0, inputBytes = 0;
    for (Value operand : op.getOperands()) {
      auto constant = operand.getDefiningOp<ConstantOp>();
      (constant ? parameterBytes : inputBytes) += bytesOf(operand);
      parameters += constant ? constant.getType().getNumElements() : 0;
    }
    auto shapeOf = [](Value value) {
      return llvm::to_vector(
          cast<RankedTensorType>(value.getType()).getShape());
    };
    last = footprint.layers.size();
    footprint.layers.push_back(
        {getNodeName(op.getLoc(), "?").str(), op.getName().getStringRef().str(),
         stage, branch, parameters, parameterBytes, counts.macs, kindOf(&op),
         shapeOf(op.getOperand(1)), shapeOf(op.getResult(0)), inputBytes,
         bytesOf(op.getResult(0)), live});
  } else {
    for (Value operand : op.getOperands())
      if (auto found = lastLayer.find(operand); found != lastLayer.end())
        last = std::max(last.value_or(0), found->second);
  }
  if (last)
    for (Value result : op.getResults())
      lastLayer[result] = *last;
}

void Measurer::addOps(Block &block, DeviceFootprint &device, int branch) {
  DenseMap<Operation *, int64_t> live = liveBytes(block);
  for (Operation &op : block) {
    if (auto parallel = dyn_cast<ParallelOp>(op))
      addParallel(parallel);
    else
      addOp(op, device, branch, live.lookup(&op));
    device.activationBytes = std::max(device.activationBytes, live.lookup(&op));
  }
}

void Measurer::addSent(Value value, unsigned times) {
  if (auto found = lastLayer.find(value); found != lastLayer.end())
    footprint.layers[found->second].bytesOut += times * bytesOf(value);
}

void Measurer::addBranch(ParallelOp op, unsigned branch,
                         DeviceFootprint &device) {
  const MacsByKind before = device.macs;
  addOps(op.getBranches()[branch].front(), device, branch);
  MacsByKind own = device.macs;
  own -= before;
  footprint.stageMacs.back().push_back(own);
  const ::lcp::RoutedCall &call = footprint.calls[nextCall];
  const ::lcp::LinkLoad &load = footprint.links.calls[nextCall++];
  ++device.roundTrips;
  device.bytesIn += load.in;
  device.bytesOut += load.out;
  for (auto [group, output] : llvm::enumerate(call.outputs))
    addSent(op.getYield(branch).getOperand(group),
            ::lcp::countReceivers(call, output));
}

void Measurer::addParallel(ParallelOp op) {
  unsigned first = getFirstDevice(op), end = first + op.getNumBranches();
  if (footprint.devices.size() < end)
    footprint.devices.resize(end);
  footprint.stageMacs.emplace_back();
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch)
    addBranch(op, branch, footprint.devices[first + branch]);
  ++stage;
}

void Measurer::measure(func::FuncOp func, const InputForm &input) {
  Block &block = func.getBody().front();
  footprint.traffic = describeTraffic(func, input);
  footprint.calls = ::lcp::routeCalls(footprint.traffic);
  footprint.links = ::lcp::loadLinks(footprint.traffic, footprint.calls);
  addOps(block, footprint.outside, -1);
  footprint.roundTrips = stage;
  for (uint32_t i = 0; i < block.getNumArguments(); ++i)
    footprint.inputBytes += footprint.traffic.sentBytes(i);
  for (Value result : block.getTerminator()->getOperands())
    footprint.outputBytes += bytesOf(result);
  const ::lcp::LinkLoad &own = footprint.links.coordinator;
  footprint.outside.bytesIn = footprint.inputBytes + own.in;
  footprint.outside.bytesOut = footprint.outputBytes + own.out;
}

FailureOr<NetworkFootprint> mlir::lcp::measureNetwork(ModuleOp module,
                                                      const InputForm &input) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func))
    return failure();
  NetworkFootprint footprint;
  if (auto name = module->getAttrOfType<StringAttr>(kModelNameAttr))
    footprint.name = name.str();
  Measurer(footprint).measure(*func, input);
  return footprint;
}

UnitFootprint
mlir::lcp::measureUnit(func::FuncOp unit, const ::lcp::LinkLoad &links,
                       function_ref<unsigned(unsigned)> receivers) {
  NetworkFootprint footprint;
  DeviceFootprint &figures = footprint.outside;
  Measurer measurer(footprint);
  Block &block = unit.getBody().front();
  measurer.addOps(block, figures, -1);
  figures.bytesIn = links.in;
  figures.bytesOut = links.out;
  for (auto [i, result] : llvm::enumerate(block.getTerminator()->getOperands()))
    measurer.addSent(result, receivers(i));
  return {figures, std::move(footprint.layers)};
}

DeviceFootprint
NetworkFootprint::worstDevice(const ::lcp::Device *device) const {
  if (devices.empty())
    return outside;
  DeviceFootprint worst;
  for (const DeviceFootprint &each : devices)
    for (auto figure :
         {&DeviceFootprint::parameters, &DeviceFootprint::parameterBytes,
          &DeviceFootprint::activationBytes, &DeviceFootprint::bytesIn,
          &DeviceFootprint::bytesOut, &DeviceFootprint::roundTrips})
      worst.*figure = std::max(worst.*figure, each.*figure);
  auto cost = [&](const MacsByKind &macs) {
    auto seconds = device ? ::lcp::computeSeconds(*device, macs) : std::nullopt;
    return seconds.value_or(double(macs.total()));
  };
  for (const DeviceFootprint &each : devices)
    if (cost(each.macs) > cost(worst.macs))
      worst.macs = each.macs;
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

llvm::json::Object mlir::lcp::toJSON(const DeviceFootprint &footprint) {
  return llvm::json::Object{{"parameters", footprint.parameters},
                            {"parameter_bytes", footprint.parameterBytes},
                            {"macs", footprint.macs.total()},
                            {"activation_bytes", footprint.activationBytes},
                            {"memory_bytes", footprint.memoryBytes()},
                            {"bytes_in", footprint.bytesIn},
                            {"bytes_out", footprint.bytesOut}};
}

static llvm::json::Array shapeToJSON(ArrayRef<int64_t> shape) {
  llvm::json::Array array;
  for (int64_t size : shape)
    array.push_back(size);
  return array;
}

llvm::json::Object mlir::lcp::toJSON(const LayerFootprint &layer) {
  return llvm::json::Object{{"name", layer.name},
                            {"op", layer.op},
                            {"kind", ::lcp::layerKindNames[size_t(layer.kind)]},
                            {"stage", layer.stage},
                            {"branch", layer.branch},
                            {"weight_shape", shapeToJSON(layer.weightShape)},
                            {"result_shape", shapeToJSON(layer.resultShape)},
                            {"parameters", layer.parameters},
                            {"parameter_bytes", layer.parameterBytes},
                            {"macs", layer.macs},
                            {"input_bytes", layer.inputBytes},
                            {"output_bytes", layer.outputBytes},
                            {"activation_bytes", layer.activationBytes},
                            {"bytes_out", layer.bytesOut}};
}

llvm::json::Value mlir::lcp::toJSON(const NetworkFootprint &footprint) {
  llvm::json::Array devices, layers;
  for (const DeviceFootprint &device : footprint.devices)
    devices.push_back(toJSON(device));
  for (const LayerFootprint &layer : footprint.layers)
    layers.push_back(toJSON(layer));
  return llvm::json::Object{{"model", footprint.name},
                            {"round_trips", footprint.roundTrips},
                            {"input_bytes", footprint.inputBytes},
                            {"output_bytes", footprint.outputBytes},
                            {"outside", toJSON(footprint.outside)},
                            {"on_one_device", toJSON(footprint.onOneDevice())},
                            {"devices", std::move(devices)},
                            {"layers", std::move(layers)}};
}
