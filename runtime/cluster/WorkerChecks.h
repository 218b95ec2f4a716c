//===- WorkerChecks.h - What a worker really serves -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_WORKERCHECKS_H
#define LCP_RUNTIME_CLUSTER_WORKERCHECKS_H

#include "runtime/cluster/CallPlan.h"
#include "runtime/cluster/Placement.h"

namespace lcp::rt {

/// Asks a worker about every branch that it may run, all at once: name, hash of
/// the bundle, tensors. Whoever comes to the fleet or comes back to it gets no
/// work before.
class WorkerChecks {
public:
  struct Outcome {
    /// Ok, or why it gets no work.
    Status status;
    /// By device.
    std::vector<bool> serves;
  };
  using Done = std::function<void(Outcome)>;

  /// The others outlive this; `done` is called once, unless this is destroyed
  /// before, and may destroy it.
  WorkerChecks(Transport &transport, const Placement &placement,
               const CallPlan &plan, size_t devices, size_t worker, Done done);
  ~WorkerChecks();
  WorkerChecks(const WorkerChecks &) = delete;
  WorkerChecks &operator=(const WorkerChecks &) = delete;

  void start(TimePoint deadline);

private:
  void answered(size_t question, Status status);
  Outcome conclude() const;

  Transport &transport;
  const Placement &placement;
  const CallPlan &plan;
  size_t worker;
  Done done;
  std::vector<Transport::CallId> calls;
  size_t left = 0;
  size_t devices;
  /// One for each call: the device that it asks about, and the answer.
  std::vector<std::pair<size_t, Status>> answers;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_WORKERCHECKS_H
