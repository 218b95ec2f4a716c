//===- Footprint.h - What a network costs its devices ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counted for one inference from the IR alone: no schedule.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_FOOTPRINT_H
#define LCP_ANALYSIS_COST_FOOTPRINT_H

#include "common/devices/Device.h"
#include "common/traffic/LinkLoads.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace mlir::lcp {

/// Of an op with weights.
struct LayerFootprint {
  /// The ONNX node, and the op.
  std::string name, op;
  /// Counts lcp.parallel ops, from 0; of an op outside them, the next one's.
  unsigned stage;
  /// -1 outside branches.
  int branch;
  int64_t parameters, parameterBytes, macs;
  ::lcp::LayerKind kind;
  SmallVector<int64_t> weightShape, resultShape;
  /// Of what it reads beside parameters, and of its result.
  int64_t inputBytes, outputBytes;
  /// What is held while it runs: its operands, its result and whatever a later
  /// op still reads.
  int64_t activationBytes;
  /// Of the tensors that leave the device with this layer as the last one they
  /// depend on, as often as they leave it.
  int64_t bytesOut = 0;
};

/// What one device holds, computes and sends.
struct DeviceFootprint {
  int64_t parameters = 0, parameterBytes = 0;
  /// Multiply-accumulates of convolutions and dense layers.
  ::lcp::MacsByKind macs;
  /// The most that its tensors occupy at once, its inputs and results among
  /// them, when ops run in order and none works in place.
  int64_t activationBytes = 0;
  /// Tensors, and images in their place, that reach it from others, and that
  /// it sends (common/traffic/LinkLoads.h).
  int64_t bytesIn = 0, bytesOut = 0;
  /// Parallel stages that it has a branch of: each asks it once, over its link.
  /// 0 outside branches.
  int64_t roundTrips = 0;

  int64_t memoryBytes() const { return parameterBytes + activationBytes; }
};

struct NetworkFootprint {
  std::string name;
  /// Empty for a whole network.
  std::vector<DeviceFootprint> devices;
  /// What is outside the branches: for a whole network, all of it.
  DeviceFootprint outside;
  /// lcp.parallel ops one after the other.
  unsigned roundTrips = 0;
  /// Of each of them, what each branch computes. They run one after the other,
  /// and what is outside does beside them.
  std::vector<std::vector<::lcp::MacsByKind>> stageMacs;
  ::lcp::TrafficModel traffic;
  /// Of all branches, in order.
  std::vector<::lcp::RoutedCall> calls;
  ::lcp::LinkLoads links;
  int64_t inputBytes = 0, outputBytes = 0;
  std::vector<LayerFootprint> layers;

  /// The largest of each figure over the devices; `outside` when there is none.
  /// The most to compute is what takes longest on `device`; null: what has most
  /// multiply-accumulates.
  DeviceFootprint worstDevice(const ::lcp::Device *device = nullptr) const;
  /// All branches and the rest on one device.
  DeviceFootprint onOneDevice() const;
};

/// Of @main of `module`, whose first input goes in that form. Reports a module
/// that has none.
FailureOr<NetworkFootprint> measureNetwork(ModuleOp module,
                                           const ::lcp::InputForm &input = {});

/// Of a piece of a network that stands in a function of its own.
struct UnitFootprint {
  DeviceFootprint figures;
  /// Of stage 0, outside branches.
  std::vector<LayerFootprint> layers;
};

/// `links` is what it gets and sends, and `receivers` says of each result to
/// how many it goes.
UnitFootprint measureUnit(func::FuncOp unit, const ::lcp::LinkLoad &links,
                          function_ref<unsigned(unsigned)> receivers);

llvm::json::Object toJSON(const DeviceFootprint &footprint);
llvm::json::Object toJSON(const LayerFootprint &footprint);
llvm::json::Value toJSON(const NetworkFootprint &footprint);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_FOOTPRINT_H
