//===- Footprint.h - What a network costs its devices ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counted for one inference from the IR alone: no device, no schedule.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_FOOTPRINT_H
#define LCP_ANALYSIS_COST_FOOTPRINT_H

#include "common/devices/LayerKind.h"
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
  int64_t parameters, macs;
  ::lcp::LayerKind kind;
  SmallVector<int64_t> weightShape, resultShape;
  /// Of its result.
  int64_t outputBytes;
  /// What is held while it runs: its operands, its result and whatever a later
  /// op still reads.
  int64_t activationBytes;
  /// Of the tensors that leave the device with this layer as the last one they
  /// depend on.
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
  /// Tensors that reach it from other devices, and that it sends.
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
  /// lcp.parallel ops one after the other: each waits for the network once.
  unsigned roundTrips = 0;
  /// Of the largest branch of each stage, one stage after the other, and of
  /// what is outside.
  ::lcp::MacsByKind criticalPathMacs;
  int64_t inputBytes = 0, outputBytes = 0;
  std::vector<LayerFootprint> layers;

  /// The largest of each figure over the devices; `outside` when there is none.
  DeviceFootprint worstDevice() const;
  /// All branches and the rest on one device.
  DeviceFootprint onOneDevice() const;
};

/// Of @main of `module`. Reports a module that has none.
FailureOr<NetworkFootprint> measureNetwork(ModuleOp module);

/// Of a piece of a network that stands in a function of its own.
struct UnitFootprint {
  DeviceFootprint figures;
  /// Of stage 0, outside branches.
  std::vector<LayerFootprint> layers;
};

/// `received` and `sent` say which arguments, and which results, cross the
/// network.
UnitFootprint measureUnit(func::FuncOp unit,
                          function_ref<bool(unsigned)> received,
                          function_ref<bool(unsigned)> sent);

llvm::json::Object toJSON(const DeviceFootprint &footprint);
llvm::json::Object toJSON(const LayerFootprint &footprint);
llvm::json::Value toJSON(const NetworkFootprint &footprint);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_FOOTPRINT_H
