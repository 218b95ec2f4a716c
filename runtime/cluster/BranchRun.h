//===- BranchRun.h - One branch until it is answered ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_BRANCHRUN_H
#define LCP_RUNTIME_CLUSTER_BRANCHRUN_H

#include "runtime/cluster/Fleet.h"
#include "runtime/cluster/Request.h"

#include <list>

namespace lcp::rt {

/// One branch of one stage of one request: attempts, hedges and retries until
/// there is an answer, or until there will be none.
///
/// An attempt is a list of calls on one worker. All but the last repeat what
/// other workers have computed and kept for this branch, and what is lost with
/// them or was never on this one.
class BranchRun {
public:
  struct Task {
    std::shared_ptr<const BranchCall> call;
    size_t device = 0;
    /// Of all branches of the model: what latencies are recorded under.
    size_t number = 0;
    /// Gets the answer, which has the sizes of the model's outputs.
    std::function<void(const BranchAnswer &)> deliver;
    /// Called once, last of all; may destroy the run.
    std::function<void()> done;
  };

  /// `fleet` and `request` outlive this.
  BranchRun(Fleet &fleet, Request &request, Task task)
      : fleet(fleet), request(request), task(std::move(task)) {}
  /// Cancels what is under way.
  ~BranchRun() { stop(); }
  BranchRun(const BranchRun &) = delete;
  BranchRun &operator=(const BranchRun &) = delete;

  /// May call done() before it returns.
  void start();
  /// A worker has come back, or one is gone.
  void workersChanged();
  /// From here on the answer to the request may leave the branch out. May call
  /// done() before it returns.
  void allowMissing();

  /// After done(): Ok if the answer was delivered.
  const Status &outcome() const { return failure; }

private:
  struct Attempt {
    size_t worker = 0;
    std::vector<std::shared_ptr<const BranchCall>> calls;
    size_t position = 0;
    TimePoint begun;
    Transport::CallId id = 0;
  };
  using Attempts = std::list<Attempt>;

  void tryNext();
  std::optional<size_t> chooseWorker() const;
  void begin(size_t worker);
  void send(Attempts::iterator attempt);
  void planHedge();
  void hedge();
  void answered(Attempts::iterator attempt, Result<BranchAnswer> answer);
  void failed(Attempts::iterator attempt, Status status);
  void won(Attempts::iterator attempt, const BranchAnswer &answer);
  void waitForWorkers();
  void giveUp();
  Status whyNobody() const;
  void finish(Status status);
  void stop();

  Fleet &fleet;
  Request &request;
  Task task;
  Attempts attempts;
  /// Workers that have failed this branch since one was last asked again.
  std::vector<size_t> tried;
  /// Refusals are those of the failures in which the worker was too busy.
  unsigned failures = 0, refusals = 0;
  bool waiting = false, finished = false, mayMiss = false;
  Transport::TimerId hedgeTimer = 0, retryTimer = 0, patienceTimer = 0,
                     endTimer = 0;
  /// While it runs, the first failure, which is the one to tell.
  Status failure;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_BRANCHRUN_H
