//===- Coordinator.h - Requests over a fleet --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_COORDINATOR_H
#define LCP_RUNTIME_CLUSTER_COORDINATOR_H

#include "runtime/cluster/ExchangePolicy.h"
#include "runtime/cluster/ExchangeRun.h"
#include "runtime/cluster/StageRun.h"
#include "runtime/cluster/WorkerChecks.h"

#include <list>

namespace lcp::rt {

struct CoordinatorOptions {
  /// An answer may come without branches that nobody computed in time.
  bool degrade = false;
  /// Of any request.
  Duration timeout = std::chrono::seconds(10);
  /// How many requests may be under way.
  size_t requests = 16;
  RetryPolicy retry;
  /// Values between stages go over the coordinator even where workers could
  /// exchange them.
  bool relay = false;
  /// Gets a line when they do for a while. On the transport's thread.
  std::function<void(const std::string &)> log;
};

/// The coordinator's half of inferences: scatters what the branches of a stage
/// read to workers, all at once, and gathers what they write. Belongs to the
/// transport's thread.
class Coordinator final : public ConnectionListener {
public:
  /// `model`, `placement` and `transport` outlive this.
  Coordinator(const ModelInfo &model, const std::string &version,
              const Placement &placement, Transport &transport,
              const CoordinatorOptions &options);
  ~Coordinator() override;

  /// Begins to connect; `changed` is called whenever it is known better who
  /// serves what.
  void start(std::function<void()> changed);
  /// Whether somebody can be asked for every branch; with `degrade`, for any.
  bool isCovered() const;
  /// Whether every worker has been reached and asked, or has failed once.
  bool isSettled() const;
  /// What is amiss, a line each, first by worker and then by branch. Empty if
  /// every worker is up and every branch has one.
  std::vector<std::string> problems() const;
  /// "m.s0.b2 on 192.168.7.12:9000", a line a branch: who would be asked now.
  std::vector<std::string> describe() const;

  /// A new request, to be answered by `deadline` and within the timeout. Fails
  /// with ResourceExhausted if there are too many. It ends when nobody has the
  /// pointer any more. `images`: see RemoteStages::begin.
  Result<std::shared_ptr<Request>> beginRequest(TimePoint deadline,
                                                InputImages images = {});
  /// See StageRun; of a request, one stage at a time. With the first stage of a
  /// segment workers may run all of it.
  void runStage(std::shared_ptr<Request> request, size_t stage,
                Span<std::byte *const> values, StageRun::Done done);

  const ExchangePlan &exchangePlan() const { return exchangePlan_; }

  void connected(size_t worker) override;
  void disconnected(size_t worker, const Status &why) override;

private:
  void check(size_t worker);
  void checked(size_t worker, WorkerChecks::Outcome outcome);
  void workersChanged();
  size_t countRequests();
  const ExchangeSegment *segmentAt(const Request &request, size_t stage) const;
  void exchange(std::shared_ptr<Request> request,
                const ExchangeSegment &segment, Span<std::byte *const> values,
                StageRun::Done done);
  void relay(std::shared_ptr<Request> request, size_t stage,
             Span<std::byte *const> values, StageRun::Done done);
  void logRelay(Duration pause, const Status &why);

  const Placement &placement;
  const CoordinatorOptions options;
  CallPlan plan;
  ExchangePlan exchangePlan_;
  ExchangePolicy exchangePolicy;
  std::vector<bool> uses;
  Fleet fleet;
  std::string idPrefix;
  uint64_t nextRequest = 0;
  std::vector<std::weak_ptr<Request>> requests;
  std::list<std::unique_ptr<StageRun>> runs;
  std::list<std::unique_ptr<ExchangeRun>> exchanges;
  /// By worker: null if it is not being asked.
  std::vector<std::unique_ptr<WorkerChecks>> checks;
  std::vector<Transport::TimerId> checkTimers;
  std::vector<std::vector<bool>> serves;
  std::function<void()> changed;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_COORDINATOR_H
