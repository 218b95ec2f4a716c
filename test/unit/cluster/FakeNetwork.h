//===- FakeNetwork.h - Workers and a clock for tests ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_CLUSTER_FAKENETWORK_H
#define LCP_TEST_UNIT_CLUSTER_FAKENETWORK_H

#include "runtime/cluster/Transport.h"

#include <map>
#include <set>

namespace lcp::rt::test {

/// Workers of makeTwoStageModel in one thread, with a clock that stands still
/// but for run(). Every call meets the fate that the test decides.
class FakeNetwork final : public Transport {
public:
  struct Fate {
    enum { Answer, Drop, Fail, Corrupt } what = Answer;
    Duration latency = std::chrono::milliseconds(1);
    /// Of Fail.
    StatusCode code = StatusCode::Internal;
  };
  using Floats = std::vector<float>;

  explicit FakeNetwork(size_t width) : width(width) {}

  /// Its number. `devices` are the branches that it serves.
  size_t addWorker(std::set<unsigned> devices, std::string version = "v1");
  std::function<Fate(size_t worker, const BranchCall &call)> decide;

  /// The worker's process ends and another begins, perhaps of another bundle.
  void restart(size_t worker, Duration downFor, std::string version = "v1");
  /// SIGSTOP, and SIGCONT after a while.
  void hang(size_t worker, Duration length);

  /// Lets time pass, until then or until nothing is left to happen.
  void run(Duration length);
  /// Until `condition` holds; whether it does within `length`.
  bool runUntil(const std::function<bool()> &condition, Duration length);

  unsigned calls(size_t worker) const { return workers[worker].calls; }
  /// Shards that have come to a worker from another one.
  unsigned shards(size_t worker) const { return workers[worker].shards; }
  /// `worker` is where others cannot reach it.
  void isolate(size_t worker) { workers[worker].isolated = true; }
  size_t pendingCalls() const { return pending.size(); }

  void start(ConnectionListener &listener) override;
  CallId call(size_t worker, const BranchCall &call, TimePoint deadline,
              std::function<void(Result<BranchAnswer>)> done) override;
  bool canPush(size_t from, size_t to) const override;
  CallId check(size_t worker, const ModelSignature &model, TimePoint deadline,
               std::function<void(Status)> done) override;
  void cancel(CallId call) override { pending.erase(call); }
  TimePoint now() const override { return time; }
  TimerId startTimer(TimePoint when, std::function<void()> function) override;
  void cancelTimer(TimerId timer) override;

private:
  struct Shard {
    Floats floats;
    /// Takers who have not come.
    unsigned left;
    std::function<void(Status)> taken;
  };
  struct Worker {
    std::string address, version;
    std::set<unsigned> devices;
    bool up = true, connected = false;
    /// Counts processes, so that one does not answer for another.
    unsigned process = 0, calls = 0, shards = 0;
    bool isolated = false;
    TimePoint hungUntil = TimePoint::min();
    std::map<std::pair<std::string, std::string>, Floats> kept;
    /// What others have pushed, and the calls that wait for it.
    std::map<std::pair<std::string, std::string>, Shard> shardsHere;
    std::vector<std::function<void()>> waiting;
  };
  struct Pending {
    size_t worker;
    std::function<void(Result<BranchAnswer>)> done;
  };

  Status named(size_t worker, StatusCode code, const std::string &what) const;
  void connect(size_t worker);
  void disconnect(size_t worker, const std::string &why);
  void arrive(size_t worker, unsigned process, CallId id,
              const BranchCall &call, Fate fate);
  void send(size_t worker, CallId id, const BranchCall &call,
            std::vector<Floats> outputs);
  void push(size_t worker, const std::string &request,
            const BranchCall::Push &push, Shard shard);
  bool hasShards(const Worker &worker, const BranchCall &call) const;
  Floats take(Worker &worker, const std::pair<std::string, std::string> &key);
  void answer(CallId id, Result<BranchAnswer> answer);
  Status compute(Worker &worker, const BranchCall &call,
                 std::vector<Floats> &outputs);

  size_t width;
  TimePoint time = TimePoint() + std::chrono::hours(1);
  uint64_t next = 1;
  ConnectionListener *listener = nullptr;
  std::vector<Worker> workers;
  std::map<CallId, Pending> pending;
  std::map<std::pair<TimePoint, TimerId>, std::function<void()>> timers;
  std::map<TimerId, TimePoint> timerTimes;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_CLUSTER_FAKENETWORK_H
