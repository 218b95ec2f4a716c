//===- Fleet.h - What all requests share ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_FLEET_H
#define LCP_RUNTIME_CLUSTER_FLEET_H

#include "runtime/cluster/HealthMonitor.h"
#include "runtime/cluster/HedgingPolicy.h"
#include "runtime/cluster/ReplicaSet.h"
#include "runtime/cluster/RetryPolicy.h"

namespace lcp::rt {

/// A value of the model that calls of a request send. Only inputs have images,
/// and an input stays where it is until the request is over.
TensorPointer makeTensor(const TensorSpec &spec, const std::byte *data,
                         bool hasImage);

/// The workers as they are now, and the policies by which they are used. Like
/// all of a coordinator's state it belongs to the transport's thread, so there
/// is no lock.
struct Fleet {
  /// Latencies are recorded for as many branches, and behind them for as many
  /// segments that workers run among themselves.
  Fleet(Transport &transport, std::vector<std::string> addresses,
        size_t devices, size_t branches, size_t segments)
      : transport(transport), addresses(std::move(addresses)),
        branches(branches), health(this->addresses.size()),
        hedging(branches + segments), replicas(devices),
        load(this->addresses.size(), 0) {}

  /// Whether it has the outputs that `call` is to send back. What arrives is
  /// not taken at its word, whatever the transport has checked.
  Status checkAnswer(size_t worker, const BranchCall &call,
                     const BranchAnswer &answer) const;

  Transport &transport;
  /// As the cluster file has them: what messages call a worker.
  std::vector<std::string> addresses;
  size_t branches;
  HealthMonitor health;
  HedgingPolicy hedging;
  RetryPolicy retry;
  /// By device.
  std::vector<ReplicaSet> replicas;
  /// The calls that each worker is at.
  std::vector<unsigned> load;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_FLEET_H
