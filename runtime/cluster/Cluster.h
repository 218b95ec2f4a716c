//===- Cluster.h - Parallel stages on many machines -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_CLUSTER_H
#define LCP_RUNTIME_CLUSTER_CLUSTER_H

#include "common/devices/ClusterFile.h"
#include "runtime/cluster/LocalDevice.h"
#include "runtime/executor/Executor.h"
#include "runtime/platform/Trace.h"
#include "runtime/rpc/Tls.h"

#include <functional>
#include <optional>

namespace lcp::rt {

struct ClusterOptions {
  std::optional<TlsIdentity> tls;
  /// For asking the workers at the start, and for every inference.
  std::chrono::milliseconds timeout{10000};
  /// Answers may come without branches that nobody computed in time.
  bool degrade = false;
  /// Values between stages go over the coordinator. They do too where the file
  /// has a local device.
  bool relay = false;
  /// What the file's local device computes: the branches that it has there, or
  /// with `auto` any. None if there is no such device.
  std::vector<LocalBranch> local;
  /// Gets a line, without an end, whenever a worker is lost and when it is
  /// back, once the cluster is connected, and when values go over the
  /// coordinator for a while though they need not. From any thread that waits
  /// for a stage, or one of the cluster's.
  std::function<void(const std::string &)> log = [](const std::string &) {};
  /// Records what workers do; outlives the cluster. Null: nothing is recorded.
  Trace *trace = nullptr;
};

/// A coordinator, and the connections to its workers, on a loop of its own.
class Cluster {
public:
  /// Connects to the workers of `file` and checks who serves what of this very
  /// bundle, whose identity is `version` in hexadecimal. `model` outlives the
  /// result. Fails if nobody serves a branch (with `degrade`: any branch); has
  /// then added one line a problem to `problems`. On success these are workers
  /// that the cluster begins without.
  static Result<std::shared_ptr<Cluster>>
  connect(const ModelInfo &model, const std::string &version,
          const ClusterFile &file, const ClusterOptions &options,
          std::vector<std::string> &problems);
  ~Cluster();

  /// What an executor runs its parallel stages by: one for each executor, and
  /// as many at a time as there are requests in flight. Keeps the cluster.
  static std::unique_ptr<RemoteStages>
  makeStages(std::shared_ptr<Cluster> cluster);

  /// From here on this end shows another certificate and trusts by another
  /// authority and list; connections to workers that are not trusted any more
  /// are closed. Of a cluster that has `tls`. Fails if the identity is not what
  /// readTlsIdentity gives.
  Status setTls(const TlsIdentity &identity);

  /// Bytes of messages of all requests so far.
  Traffic traffic() const;
  /// Ok while there is somebody to run every branch (with `degrade`: any).
  Status ready() const;
  /// "m.s0.b2 on 192.168.7.12:9000", a line a branch: who would be asked now.
  std::vector<std::string> describe() const;

private:
  class Stages;
  struct State;
  explicit Cluster(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_CLUSTER_H
