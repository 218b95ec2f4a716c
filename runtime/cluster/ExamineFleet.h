//===- ExamineFleet.h - Asks every device of a fleet ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_EXAMINEFLEET_H
#define LCP_RUNTIME_CLUSTER_EXAMINEFLEET_H

#include "runtime/cluster/DeviceProbe.h"

namespace lcp::rt {

/// Asks all devices at once, each until `timeout` has passed, and then measures
/// one link after the other, so that none has to share this machine's. Blocks.
/// Without `tls` in plain text. What a device does not answer is among its
/// facts; fails only if this machine cannot ask.
Result<std::vector<DeviceFacts>>
examineFleet(const ClusterFile &file, const std::optional<TlsIdentity> &tls,
             std::chrono::milliseconds timeout);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_EXAMINEFLEET_H
