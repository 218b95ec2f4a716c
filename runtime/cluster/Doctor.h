//===- Doctor.h - What is amiss in a fleet ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_DOCTOR_H
#define LCP_RUNTIME_CLUSTER_DOCTOR_H

#include "runtime/bundle/ModelInfo.h"
#include "runtime/cluster/DeviceProbe.h"

namespace lcp::rt {

/// What a device should serve.
struct ExpectedBundle {
  /// Its hash in hexadecimal.
  std::string version;
  /// By device, the names of the models that stand for it; none if no stage
  /// uses the device.
  std::vector<std::vector<std::string>> models;
  /// By device, whether the file that was opened here has its branches left
  /// out: a bundle of some branches has the identity of the whole.
  std::vector<bool> omitted;
};

ExpectedBundle expectBundle(const ModelInfo &model, const std::string &version);

/// For people, a block a machine.
struct MachineReport {
  std::string title;
  /// "round trip", "p50 0.31 ms".
  std::vector<std::pair<std::string, std::string>> rows;
  /// A line a thing; none if it is well.
  std::vector<std::string> mend;
};

struct FleetReport {
  std::vector<MachineReport> machines;
  /// What is amiss with none of them in particular.
  std::vector<std::string> mend;

  bool isWell() const;
};

/// What these facts mean. Without `bundle` the devices are held against each
/// other.
FleetReport diagnose(const std::vector<DeviceFacts> &devices,
                     const std::optional<ExpectedBundle> &bundle);

/// Of this machine, as the one that asks: its certificate, its WiFi, and its
/// branches if it is one of the devices, which it takes from `bundle`; `loaded`
/// is what came of that.
MachineReport describeHere(const ClusterFile &file,
                           const std::optional<ExpectedBundle> &bundle,
                           const std::optional<TlsIdentity> &tls,
                           const std::vector<WirelessInterface> &wireless,
                           const Status &loaded);

/// With a last line that says how many are well.
std::string toText(const FleetReport &report);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_DOCTOR_H
