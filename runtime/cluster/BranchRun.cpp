//===- BranchRun.cpp - One branch until it is answered --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/BranchRun.h"

#include <algorithm>
#include <utility>

using namespace lcp;
using namespace lcp::rt;

void BranchRun::start() {
  endTimer =
      fleet.transport.startTimer(request.deadline(), [this] { giveUp(); });
  tryNext();
}

void BranchRun::allowMissing() {
  if (finished)
    return;
  mayMiss = true;
  if (waiting)
    return finish(whyNobody());
  const TimePoint now = fleet.transport.now();
  const bool suspect =
      !attempts.empty() &&
      fleet.health.of(attempts.front().worker, now) == Health::Suspect;
  const TimePoint end = fleet.retry.giveUpAt(
      attempts.empty() ? now : attempts.front().begun, request.deadline(),
      suspect, fleet.hedging.p95(task.number));
  fleet.transport.cancelTimer(endTimer);
  endTimer = fleet.transport.startTimer(end, [this] { giveUp(); });
}

void BranchRun::workersChanged() {
  if (waiting && !finished)
    tryNext();
}

//===----------------------------------------------------------------------===//
// Beginning attempts
//===----------------------------------------------------------------------===//

/// Where the kept inputs are, if it can be asked; else the replica set's
/// choice.
std::optional<size_t> BranchRun::chooseWorker() const {
  const TimePoint now = fleet.transport.now();
  std::vector<size_t> excluded = tried;
  for (const Attempt &attempt : attempts)
    excluded.push_back(attempt.worker);
  const ReplicaSet &replicas = fleet.replicas[task.device];
  const std::vector<BranchCall::Input> &inputs = task.call->inputs;
  if (std::any_of(inputs.begin(), inputs.end(),
                  [](const auto &input) { return !input.keptAs.empty(); }))
    for (const ReplicaSet::Member &member : replicas.all())
      if (fleet.health.of(member.worker, now) == Health::Up &&
          request.hasInputs(member.worker, *task.call) &&
          !std::count(excluded.begin(), excluded.end(), member.worker))
        return member.worker;
  return replicas.choose(fleet.health, fleet.load, excluded, now);
}

void BranchRun::tryNext() {
  waiting = false;
  if (std::optional<size_t> worker = chooseWorker())
    return begin(*worker);
  if (!attempts.empty())
    return;
  if (tried.empty())
    return waitForWorkers();
  // All that can be asked have failed: once more from the beginning.
  tried.clear();
  retryTimer = fleet.transport.startTimer(fleet.transport.now() +
                                              fleet.retry.pauseAfter(failures),
                                          [this] { tryNext(); });
}

void BranchRun::waitForWorkers() {
  if (mayMiss)
    return finish(whyNobody());
  waiting = true;
  if (patienceTimer == 0)
    patienceTimer = fleet.transport.startTimer(
        fleet.transport.now() + fleet.retry.patience, [this] {
          patienceTimer = 0;
          if (waiting)
            finish(whyNobody());
        });
}

void BranchRun::begin(size_t worker) {
  Attempt attempt;
  attempt.worker = worker;
  attempt.calls = request.callsBefore(worker, *task.call);
  attempt.calls.push_back(task.call);
  attempt.begun = fleet.transport.now();
  ++fleet.load[worker];
  attempts.push_back(std::move(attempt));
  send(std::prev(attempts.end()));
  if (attempts.size() == 1)
    planHedge();
}

void BranchRun::send(Attempts::iterator attempt) {
  attempt->id = fleet.transport.call(
      attempt->worker, *attempt->calls[attempt->position], request.deadline(),
      [this, attempt](Result<BranchAnswer> answer) {
        answered(attempt, std::move(answer));
      });
}

void BranchRun::planHedge() {
  fleet.hedging.countAttempt();
  fleet.transport.cancelTimer(hedgeTimer);
  const TimePoint now = fleet.transport.now();
  hedgeTimer = fleet.transport.startTimer(
      now + fleet.hedging.delay(task.number, request.deadline() - now),
      [this] { hedge(); });
}

void BranchRun::hedge() {
  if (attempts.size() != 1)
    return;
  std::optional<size_t> worker = chooseWorker();
  if (!worker)
    return;
  fleet.hedging.countHedge();
  begin(*worker);
}

//===----------------------------------------------------------------------===//
// Ending them
//===----------------------------------------------------------------------===//

void BranchRun::answered(Attempts::iterator attempt,
                         Result<BranchAnswer> answer) {
  if (!answer.ok())
    return failed(attempt, std::move(answer).status());
  const std::shared_ptr<const BranchCall> &call =
      attempt->calls[attempt->position];
  if (call != task.call) {
    request.completed(attempt->worker, call);
    ++attempt->position;
    return send(attempt);
  }
  Status sizes = fleet.checkAnswer(attempt->worker, *task.call, *answer);
  if (!sizes.ok())
    return failed(attempt, std::move(sizes));
  won(attempt, *answer);
}

void BranchRun::won(Attempts::iterator attempt, const BranchAnswer &answer) {
  const TimePoint now = fleet.transport.now();
  fleet.health.answered(attempt->worker);
  if (attempt->calls.size() == 1)
    fleet.hedging.record(task.number, now - attempt->begun);
  for (const Attempt &other : attempts)
    if (other.begun < attempt->begun)
      fleet.health.unanswered(other.worker, now);
  request.completed(attempt->worker, task.call);
  task.deliver(answer);
  failure = Status();
  finish(Status());
}

void BranchRun::failed(Attempts::iterator attempt, Status status) {
  const size_t worker = attempt->worker;
  --fleet.load[worker];
  attempts.erase(attempt);
  ++failures;
  refusals += status.code() == StatusCode::ResourceExhausted;
  tried.push_back(worker);
  // Whatever the reason: what it kept may be gone, and can be made again.
  request.forget(worker);
  if (status.code() == StatusCode::DeadlineExceeded)
    fleet.health.unanswered(worker, fleet.transport.now());
  const bool hopeless = !RetryPolicy::mayHelp(status.code());
  if (failure.ok() || hopeless)
    failure = std::move(status);
  const bool enough = failures - refusals >= fleet.retry.attempts;
  if (hopeless || (enough && attempts.empty()))
    return finish(failure);
  if (attempts.empty())
    tryNext();
}

void BranchRun::giveUp() {
  for (const Attempt &attempt : attempts)
    fleet.health.unanswered(attempt.worker, fleet.transport.now());
  if (failure.ok() && !attempts.empty())
    failure = Status(StatusCode::DeadlineExceeded,
                     "worker " + fleet.addresses[attempts.front().worker] +
                         ": no answer for " + task.call->model->name +
                         " before the deadline (--deadline-ms sets it)");
  finish(failure.ok() ? whyNobody() : failure);
}

/// Why no worker can be asked.
Status BranchRun::whyNobody() const {
  if (!failure.ok())
    return failure;
  for (const ReplicaSet::Member &member : fleet.replicas[task.device].all())
    if (!fleet.health.reason(member.worker).ok())
      return fleet.health.reason(member.worker);
  return Status(StatusCode::Unavailable,
                "no worker serves " + task.call->model->name);
}

void BranchRun::finish(Status status) {
  if (finished)
    return;
  finished = true;
  stop();
  failure = std::move(status);
  // A copy, since this may be gone before it returns.
  auto done = std::move(task.done);
  done();
}

void BranchRun::stop() {
  for (const Attempt &attempt : attempts) {
    fleet.transport.cancel(attempt.id);
    --fleet.load[attempt.worker];
  }
  attempts.clear();
  for (Transport::TimerId *timer :
       {&hedgeTimer, &retryTimer, &patienceTimer, &endTimer})
    fleet.transport.cancelTimer(std::exchange(*timer, 0));
}
