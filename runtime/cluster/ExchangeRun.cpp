//===- ExchangeRun.cpp - Stages that workers run among themselves ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ExchangeRun.h"

#include "runtime/rpc/Limits.h"

#include <algorithm>
#include <utility>

using namespace lcp;
using namespace lcp::rt;

/// What a worker may have under way: some calls are left for health, checks and
/// requests that go over the coordinator.
static constexpr unsigned mostCalls = largestCallsPerConnection * 3 / 4;

/// How many times its usual time it may take, if that is longer than the other.
static constexpr int longestLateness = 8;
static constexpr Duration shortestPatience = std::chrono::milliseconds(50);

ExchangeRun::ExchangeRun(Fleet &fleet, std::shared_ptr<Request> request,
                         const ExchangeSegment &segment,
                         Span<std::byte *const> values, Done done)
    : fleet(fleet), request(std::move(request)), segment(segment),
      done(std::move(done)) {
  for (const std::vector<ExchangedBranch> &branches : segment.stages)
    for (const ExchangedBranch &branch : branches)
      for (size_t i = 0; i < branch.inputs.size(); ++i) {
        const uint32_t value = branch.planned->inputs[i];
        if (!branch.inputs[i].empty() || tensors.count(value))
          continue;
        tensors[value] =
            makeTensor(branch.planned->signature.inputs[i], values[value],
                       /*hasImage=*/this->request->imageOf(value).has_value());
      }
}

ExchangeRun::~ExchangeRun() {
  while (!attempts.empty())
    drop(attempts.begin());
  fleet.transport.cancelTimer(hedgeTimer);
  fleet.transport.cancelTimer(endTimer);
}

//===----------------------------------------------------------------------===//
// Beginning attempts
//===----------------------------------------------------------------------===//

Status ExchangeRun::start() {
  LCP_ASSIGN_OR_RETURN(auto workers, chooseWorkers(nullptr));
  LCP_RETURN_IF_ERROR(check(workers));
  begin(std::move(workers));
  fleet.hedging.countAttempt();
  const TimePoint now = fleet.transport.now();
  const size_t number = fleet.branches + segment.number;
  hedgeTimer = fleet.transport.startTimer(
      now + fleet.hedging.delay(number, request->deadline() - now),
      [this] { hedge(); });
  if (const Duration usual = fleet.hedging.p95(number); usual != Duration(0))
    endTimer = fleet.transport.startTimer(
        now + std::max<Duration>(longestLateness * usual, shortestPatience),
        [this] { giveUp(); });
  return Status();
}

/// One for each device, if possible none of another attempt's.
Result<std::map<size_t, size_t>>
ExchangeRun::chooseWorkers(const Attempt *other) const {
  const TimePoint now = fleet.transport.now();
  std::map<size_t, size_t> workers;
  std::vector<unsigned> load = fleet.load;
  for (const std::vector<ExchangedBranch> &branches : segment.stages)
    for (const ExchangedBranch &branch : branches) {
      const size_t device = branch.planned->device;
      if (workers.count(device))
        continue;
      std::vector<size_t> excluded;
      if (other)
        excluded.push_back(other->workers.at(device));
      const ReplicaSet &replicas = fleet.replicas[device];
      std::optional<size_t> worker =
          replicas.choose(fleet.health, load, excluded, now);
      if (!worker)
        worker = replicas.choose(fleet.health, load, {}, now);
      if (!worker)
        return Status(StatusCode::Unavailable,
                      "no worker serves " + branch.planned->signature.name);
      workers[device] = *worker;
      ++load[*worker];
    }
  return workers;
}

/// Whether these workers can do it among themselves.
Status ExchangeRun::check(const std::map<size_t, size_t> &workers) const {
  std::map<size_t, unsigned> calls;
  for (const std::vector<ExchangedBranch> &branches : segment.stages)
    for (const ExchangedBranch &branch : branches) {
      const size_t from = workers.at(branch.planned->device);
      if (fleet.load[from] + ++calls[from] > mostCalls)
        return Status(StatusCode::ResourceExhausted,
                      "worker " + fleet.addresses[from] + " has much to do");
      for (const ExchangedBranch::Output &output : branch.outputs)
        for (const auto &[device, takers] : output.takers)
          if (!fleet.transport.canPush(from, workers.at(device)))
            return Status(StatusCode::Unsupported,
                          "worker " + fleet.addresses[from] +
                              " cannot reach worker " +
                              fleet.addresses[workers.at(device)]);
    }
  return Status();
}

static std::string keyOf(uint32_t value) { return "v" + std::to_string(value); }

std::shared_ptr<const BranchCall>
ExchangeRun::makeCall(const ExchangedBranch &branch, const std::string &id,
                      const std::map<size_t, size_t> &workers) const {
  auto call = std::make_shared<BranchCall>();
  call->model = &branch.planned->signature;
  call->request = id;
  for (size_t i = 0; i < branch.inputs.size(); ++i) {
    BranchCall::Input &input = call->inputs.emplace_back();
    for (uint32_t piece : branch.inputs[i])
      input.awaited.push_back(keyOf(piece));
    if (!branch.inputs[i].empty())
      continue;
    input.tensor = tensors.at(branch.planned->inputs[i]);
    input.image = request->imageOf(branch.planned->inputs[i]);
  }
  call->keepOutputsAs.resize(branch.outputs.size());
  for (size_t i = 0; i < branch.outputs.size(); ++i) {
    const ExchangedBranch::Output &output = branch.outputs[i];
    // A worker may stand for several devices.
    std::map<size_t, unsigned> takers;
    for (const auto &[device, count] : output.takers)
      takers[workers.at(device)] += count;
    call->pushes.emplace_back();
    for (const auto &[worker, count] : takers)
      call->pushes.back().push_back(
          {worker, keyOf(branch.planned->outputs[i]), count});
    call->withheld.push_back(!takers.empty() && !output.isSentBack);
  }
  return call;
}

void ExchangeRun::begin(std::map<size_t, size_t> workers) {
  Attempt &attempt = attempts.emplace_back();
  const auto place = std::prev(attempts.end());
  attempt.begun = fleet.transport.now();
  const std::string id = request->id() + "." +
                         std::to_string(segment.firstStage) + "." +
                         std::to_string(begun++);
  for (const std::vector<ExchangedBranch> &branches : segment.stages)
    for (const ExchangedBranch &branch : branches) {
      Call &call = attempt.calls.emplace_back();
      call.branch = &branch;
      call.worker = workers.at(branch.planned->device);
      call.call = makeCall(branch, id, workers);
      ++fleet.load[call.worker];
    }
  attempt.workers = std::move(workers);
  attempt.left = attempt.calls.size();
  // None calls back before this is over.
  for (size_t i = 0; i < attempt.calls.size(); ++i)
    attempt.calls[i].id = fleet.transport.call(
        attempt.calls[i].worker, *attempt.calls[i].call, request->deadline(),
        [this, place, i](Result<BranchAnswer> answer) {
          answered(place, i, std::move(answer));
        });
}

void ExchangeRun::hedge() {
  if (attempts.size() != 1)
    return;
  auto workers = chooseWorkers(&attempts.front());
  if (!workers.ok() || *workers == attempts.front().workers ||
      !check(*workers).ok())
    return;
  fleet.hedging.countHedge();
  begin(*std::move(workers));
}

void ExchangeRun::giveUp() {
  const Call *late = nullptr;
  for (const Attempt &attempt : attempts)
    late = suspectTheLate(attempt);
  finish(Status(StatusCode::DeadlineExceeded,
                "worker " + fleet.addresses[late->worker] + ": no answer for " +
                    late->call->model->name + " in many times the usual time"));
}

//===----------------------------------------------------------------------===//
// Ending them
//===----------------------------------------------------------------------===//

void ExchangeRun::answered(Attempts::iterator attempt, size_t index,
                           Result<BranchAnswer> answer) {
  Call &call = attempt->calls[index];
  call.isOver = true;
  --fleet.load[call.worker];
  Status status = answer.ok()
                      ? fleet.checkAnswer(call.worker, *call.call, *answer)
                      : answer.status();
  if (!status.ok())
    return failed(attempt, std::move(status));
  fleet.health.answered(call.worker);
  for (size_t i = 0; i < answer->size(); ++i)
    if (call.call->isSentBack(i))
      attempt->values[call.branch->planned->outputs[i]].assign(
          (*answer)[i].begin(), (*answer)[i].end());
  if (--attempt->left != 0)
    return;
  fleet.hedging.record(fleet.branches + segment.number,
                       fleet.transport.now() - attempt->begun);
  for (const Attempt &other : attempts)
    if (other.begun < attempt->begun)
      suspectTheLate(other);
  finish(std::move(attempt->values));
}

/// Those of the first stage that is not over have all that they need, or wait
/// for one another. Gives one of their calls.
const ExchangeRun::Call *ExchangeRun::suspectTheLate(const Attempt &attempt) {
  const Call *late = nullptr;
  std::optional<size_t> stage;
  size_t index = 0;
  for (size_t s = 0; s < segment.stages.size(); ++s)
    for (size_t b = 0; b < segment.stages[s].size(); ++b) {
      const Call &call = attempt.calls[index++];
      if (call.isOver || (stage && *stage != s))
        continue;
      stage = s;
      late = &call;
      fleet.health.unanswered(call.worker, fleet.transport.now());
    }
  return late;
}

void ExchangeRun::failed(Attempts::iterator attempt, Status status) {
  if (status.code() == StatusCode::DeadlineExceeded)
    suspectTheLate(*attempt);
  if (failure.ok())
    failure = std::move(status);
  drop(attempt);
  if (attempts.empty())
    finish(failure);
}

void ExchangeRun::drop(Attempts::iterator attempt) {
  for (const Call &call : attempt->calls) {
    if (call.isOver)
      continue;
    fleet.transport.cancel(call.id);
    --fleet.load[call.worker];
  }
  attempts.erase(attempt);
}

void ExchangeRun::finish(Result<ExchangedValues> result) {
  // This may be gone before it returns.
  auto conclusion = std::exchange(done, nullptr);
  conclusion(std::move(result));
}
