//===- Coordinator.cpp - Requests over a fleet ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Coordinator.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using namespace std::chrono_literals;

/// How long a worker may take to say what it serves, and how long after a
/// failure to say it is asked again.
static constexpr Duration checkTimeout = 2s, checkPause = 200ms;

/// What tells this coordinator's requests from any other's.
static std::string randomPrefix() {
  uint64_t bits = 0;
  // Without entropy the time must do.
  if (getentropy(&bits, sizeof bits) != 0)
    bits = uint64_t(Clock::now().time_since_epoch().count());
  return std::to_string(bits) + "-";
}

static std::vector<std::string> addressesOf(const Placement &placement) {
  std::vector<std::string> addresses;
  addresses.reserve(placement.workerCount());
  for (size_t worker = 0; worker < placement.workerCount(); ++worker)
    addresses.push_back(placement.address(worker));
  return addresses;
}

Coordinator::Coordinator(const ModelInfo &model, const std::string &version,
                         const Placement &placement, Transport &transport,
                         const CoordinatorOptions &options)
    : placement(placement), options(options), plan(model, version),
      exchangePlan_(model, plan),
      fleet(transport, addressesOf(placement), model.deviceCount(),
            plan.branchCount(), exchangePlan_.segmentCount()),
      idPrefix(randomPrefix()), checks(placement.workerCount()),
      checkTimers(placement.workerCount(), 0),
      serves(placement.workerCount(),
             std::vector<bool>(model.deviceCount(), false)) {
  fleet.retry = options.retry;
  for (size_t device = 0; device < model.deviceCount(); ++device)
    uses.push_back(!plan.signaturesOf(device).empty());
}

Coordinator::~Coordinator() {
  for (Transport::TimerId timer : checkTimers)
    fleet.transport.cancelTimer(timer);
}

void Coordinator::start(std::function<void()> onChange) {
  changed = std::move(onChange);
  fleet.transport.start(*this);
}

//===----------------------------------------------------------------------===//
// Workers
//===----------------------------------------------------------------------===//

void Coordinator::connected(size_t worker) {
  fleet.health.connected(worker);
  check(worker);
}

void Coordinator::disconnected(size_t worker, const Status &why) {
  // Another attempt that failed like the last one is nothing new.
  if (fleet.health.of(worker, fleet.transport.now()) == Health::Down &&
      fleet.health.reason(worker).message() == why.message())
    return;
  checks[worker] = nullptr;
  fleet.transport.cancelTimer(std::exchange(checkTimers[worker], 0));
  fleet.health.disconnected(worker, why);
  // A worker drops what a connection left behind.
  for (const std::weak_ptr<Request> &request : requests)
    if (std::shared_ptr<Request> alive = request.lock())
      alive->forget(worker);
  workersChanged();
}

void Coordinator::check(size_t worker) {
  checkTimers[worker] = 0;
  checks[worker] = std::make_unique<WorkerChecks>(
      fleet.transport, placement, plan, uses.size(), worker,
      [this, worker](WorkerChecks::Outcome outcome) {
        checked(worker, std::move(outcome));
      });
  checks[worker]->start(fleet.transport.now() + checkTimeout);
}

void Coordinator::checked(size_t worker, WorkerChecks::Outcome outcome) {
  // Kept until the end: its function is what runs.
  std::unique_ptr<WorkerChecks> done = std::move(checks[worker]);
  const StatusCode code = outcome.status.code();
  // Of one that is refused it stays on record what it was there for.
  if (outcome.status.ok())
    serves[worker] = std::move(outcome.serves);
  fleet.health.checked(worker, std::move(outcome.status));
  // What it did not say today it may say later; anything else stands until it
  // is started again, and then it connects again.
  if (code == StatusCode::DeadlineExceeded || code == StatusCode::Unavailable ||
      code == StatusCode::ResourceExhausted)
    checkTimers[worker] = fleet.transport.startTimer(
        fleet.transport.now() + checkPause, [this, worker] { check(worker); });
  fleet.replicas = placement.replicas(serves);
  workersChanged();
}

void Coordinator::workersChanged() {
  for (auto run = runs.begin(); run != runs.end();) {
    // A run may end here, and with it its place in the list.
    auto next = std::next(run);
    (*run)->workersChanged();
    run = next;
  }
  if (changed)
    changed();
}

static bool hasUsable(const ReplicaSet &replicas, const HealthMonitor &health) {
  return std::any_of(replicas.all().begin(), replicas.all().end(),
                     [&](const ReplicaSet::Member &member) {
                       return health.isUsable(member.worker);
                     });
}

bool Coordinator::isCovered() const {
  size_t used = 0, covered = 0;
  for (size_t device = 0; device < uses.size(); ++device) {
    used += uses[device];
    covered += uses[device] && hasUsable(fleet.replicas[device], fleet.health);
  }
  return options.degrade ? covered > 0 : covered == used;
}

bool Coordinator::isSettled() const {
  const TimePoint now = fleet.transport.now();
  for (size_t worker = 0; worker < fleet.health.size(); ++worker) {
    Health health = fleet.health.of(worker, now);
    if (health == Health::Unknown || health == Health::Checking)
      return false;
  }
  return true;
}

std::vector<std::string> Coordinator::problems() const {
  const TimePoint now = fleet.transport.now();
  std::vector<std::string> lines;
  for (size_t worker = 0; worker < fleet.health.size(); ++worker) {
    Health health = fleet.health.of(worker, now);
    if (health == Health::Unknown || health == Health::Checking)
      lines.push_back("worker " + placement.address(worker) +
                      " cannot be reached: no answer before the deadline; is "
                      "it switched on, on the network, behind a firewall? "
                      "(--deadline-ms sets how long to wait)");
    else if (!fleet.health.reason(worker).ok())
      lines.push_back(fleet.health.reason(worker).message());
  }
  if (!lines.empty())
    return lines;
  for (size_t device = 0; device < uses.size(); ++device)
    if (uses[device] && !hasUsable(fleet.replicas[device], fleet.health))
      lines.push_back(placement.path() + ": no worker serves branch " +
                      std::to_string(device));
  return lines;
}

std::vector<std::string> Coordinator::describe() const {
  const TimePoint now = fleet.transport.now();
  std::vector<std::string> lines;
  for (size_t stage = 0; stage < plan.stageCount(); ++stage) {
    std::vector<unsigned> load = fleet.load;
    for (const PlannedBranch &branch : plan.stage(stage)) {
      std::optional<size_t> worker = fleet.replicas[branch.device].choose(
          fleet.health, load, /*excluded=*/{}, now);
      if (worker)
        ++load[*worker];
      lines.push_back(branch.signature.name + " on " +
                      (worker ? placement.address(*worker) : "nobody"));
    }
  }
  return lines;
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

size_t Coordinator::countRequests() {
  requests.erase(
      std::remove_if(requests.begin(), requests.end(),
                     [](const auto &request) { return request.expired(); }),
      requests.end());
  return requests.size();
}

Result<std::shared_ptr<Request>> Coordinator::beginRequest(TimePoint deadline,
                                                           InputImages images) {
  if (countRequests() >= options.requests)
    return Status(StatusCode::ResourceExhausted,
                  std::to_string(options.requests) +
                      " requests are under way; try again later");
  auto request = std::make_shared<Request>(
      idPrefix + std::to_string(nextRequest++),
      std::min(deadline, fleet.transport.now() + options.timeout), uses.size(),
      std::move(images));
  requests.push_back(request);
  return request;
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

/// The segment to be run by workers among themselves. Answers that may go
/// without a branch need the coordinator between stages.
const ExchangeSegment *Coordinator::segmentAt(const Request &request,
                                              size_t stage) const {
  const TimePoint now = fleet.transport.now();
  if (options.relay || options.degrade || !exchangePolicy.mayExchange(now))
    return nullptr;
  for (size_t device = 0; device < uses.size(); ++device)
    if (request.isLeftOut(device))
      return nullptr;
  return exchangePlan_.beginningAt(stage);
}

void Coordinator::runStage(std::shared_ptr<Request> request, size_t stage,
                           Span<std::byte *const> values, StageRun::Done done) {
  const std::vector<PlannedBranch> &branches = plan.stage(stage);
  if (const ExchangedValues *came = request->exchangedIn(stage)) {
    for (const PlannedBranch &branch : branches)
      for (uint32_t value : branch.outputs)
        if (auto found = came->find(value); found != came->end())
          std::memcpy(values[value], found->second.data(),
                      found->second.size());
    return done(std::vector<bool>(branches.size(), true));
  }
  if (const ExchangeSegment *segment = segmentAt(*request, stage))
    return exchange(std::move(request), *segment, values, std::move(done));
  relay(std::move(request), stage, values, std::move(done));
}

void Coordinator::exchange(std::shared_ptr<Request> request,
                           const ExchangeSegment &segment,
                           Span<std::byte *const> values, StageRun::Done done) {
  auto place = exchanges.emplace(exchanges.end());
  auto ended = [=, &segment](Result<ExchangedValues> came) {
    // Kept until the end: its function is what runs.
    std::unique_ptr<ExchangeRun> over = std::move(*place);
    exchanges.erase(place);
    const TimePoint now = fleet.transport.now();
    if (came.ok()) {
      exchangePolicy.succeeded();
      request->exchanged(segment.firstStage, segment.stages.size(),
                         *std::move(came));
      return runStage(request, segment.firstStage, values, done);
    }
    if (now >= request->deadline())
      return done(came.status());
    logRelay(exchangePolicy.failed(now), came.status());
    relay(request, segment.firstStage, values, done);
  };
  *place = std::make_unique<ExchangeRun>(fleet, request, segment, values,
                                         std::move(ended));
  Status begun = (*place)->start();
  if (begun.ok())
    return;
  exchanges.erase(place);
  if (begun.code() == StatusCode::Unsupported)
    logRelay(exchangePolicy.failed(fleet.transport.now()), begun);
  relay(std::move(request), segment.firstStage, values, std::move(done));
}

void Coordinator::logRelay(Duration pause, const Status &why) {
  if (!options.log || pause == Duration(0))
    return;
  const auto length =
      std::chrono::duration_cast<std::chrono::milliseconds>(pause);
  options.log("values between stages go over the coordinator for " +
              std::to_string(length.count()) + " ms: " + why.message());
}

void Coordinator::relay(std::shared_ptr<Request> request, size_t stage,
                        Span<std::byte *const> values, StageRun::Done done) {
  auto place = runs.emplace(runs.end());
  *place = std::make_unique<StageRun>(
      fleet, std::move(request), plan.stage(stage), values, options.degrade,
      [this, place, done = std::move(done)](Result<std::vector<bool>> came) {
        // Kept until the end: its function is what runs.
        std::unique_ptr<StageRun> over = std::move(*place);
        runs.erase(place);
        done(std::move(came));
      });
  (*place)->start();
}
