//===- Cluster.h - Parallel stages on many machines -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_CLUSTER_H
#define LCP_RUNTIME_CLUSTER_CLUSTER_H

#include "runtime/cluster/ConnectWorkers.h"
#include "runtime/executor/Executor.h"

namespace lcp::rt {

struct ClusterOptions {
  std::optional<TlsIdentity> tls;
  /// For asking the workers at the start, and for every inference, from its
  /// first parallel stage on.
  std::chrono::milliseconds timeout{10000};
};

/// The coordinator's half of an inference: scatters what the branches of a
/// stage read to their workers, all at once, and gathers what they write. A
/// value that only one device reads stays on that device's worker.
class Cluster final : public RemoteStages {
public:
  /// Connects to the workers of `file` and checks that each serves its part of
  /// this very bundle, whose identity is `version` in hexadecimal. `model`
  /// outlives the result. On failure has added one line a problem to
  /// `problems`.
  static Result<std::unique_ptr<Cluster>>
  connect(const ModelInfo &model, const std::string &version,
          const ClusterFile &file, const ClusterOptions &options,
          std::vector<std::string> &problems);
  ~Cluster() override;

  Status runStage(const ModelStage &stage,
                  Span<std::byte *const> values) override;

  void limitDeadline(Deadline deadline) override { callersDeadline = deadline; }

  Traffic traffic() const override;

  /// "s0.b2 on 192.168.7.12:9000", a line a branch.
  std::vector<std::string> describe() const;

private:
  /// A parallel stage and its branches' calls. Vectors keep their size.
  struct Stage {
    std::vector<RemoteModel> models;
    std::vector<std::vector<const void *>> inputs;
    std::vector<std::vector<void *>> outputs;
    std::vector<RemoteCall> calls;
  };

  Cluster() = default;
  void addStage(const ModelInfo &model, const std::string &version,
                const ModelStage &stage);
  void beginRequest();

  ConnectedWorkers placement;
  std::chrono::milliseconds timeout{0};
  /// By ModelStage::index; empty for serial stages.
  std::vector<Stage> stages;
  unsigned firstStage = 0;
  RemoteCalls remote;

  std::string idPrefix;
  uint64_t requests = 0;
  std::string requestId;
  Deadline deadline = noDeadline;
  Deadline callersDeadline = noDeadline;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_CLUSTER_H
