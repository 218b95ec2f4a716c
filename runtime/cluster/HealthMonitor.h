//===- HealthMonitor.h - Which workers can be relied on ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_HEALTHMONITOR_H
#define LCP_RUNTIME_CLUSTER_HEALTHMONITOR_H

#include "runtime/cluster/Transport.h"

namespace lcp::rt {

enum class Health {
  /// Not heard of yet.
  Unknown,
  /// No connection.
  Down,
  /// A connection, and not known yet whether it serves what it should.
  Checking,
  /// It serves something else than it should, and gets no work.
  Refused,
  /// It let an attempt go unanswered: others are asked first.
  Suspect,
  Up
};

/// What is known of every worker. Knows nothing of networks: it is told.
class HealthMonitor {
public:
  /// How long a worker stays suspect. One that hangs has lost its connection by
  /// then; one that was only slow deserves another chance.
  static constexpr Duration suspicion = std::chrono::seconds(1);

  explicit HealthMonitor(size_t workers) : states(workers) {}

  void connected(size_t worker) { set(worker, Health::Checking, {}); }
  void disconnected(size_t worker, Status why) {
    set(worker, Health::Down, std::move(why));
  }
  /// Of a worker with a connection: the outcome of asking what it serves.
  void checked(size_t worker, Status outcome);
  void answered(size_t worker);
  /// An attempt was given up, or overtaken by another one.
  void unanswered(size_t worker, TimePoint now);

  size_t size() const { return states.size(); }
  Health of(size_t worker, TimePoint now) const;
  /// Whether it may be given work: Up or Suspect.
  bool isUsable(size_t worker) const;
  /// Why it is Down or Refused; Ok otherwise.
  const Status &reason(size_t worker) const { return states[worker].reason; }

private:
  struct State {
    Health health = Health::Unknown;
    Status reason;
    TimePoint suspectUntil = TimePoint::min();
  };
  void set(size_t worker, Health health, Status reason) {
    states[worker] = {health, std::move(reason), TimePoint::min()};
  }

  std::vector<State> states;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_HEALTHMONITOR_H
