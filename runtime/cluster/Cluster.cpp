//===- Cluster.cpp - Parallel stages on many machines ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Cluster.h"

#include "runtime/cluster/Coordinator.h"
#include "runtime/cluster/ResolveFleet.h"
#include "runtime/cluster/RpcTransport.h"
#include "runtime/rpc/Limits.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unordered_set>
#include <utility>

using namespace lcp;
using namespace lcp::rt;
using namespace std::chrono_literals;

/// How long a cluster that could begin waits for the workers that it has not
/// heard of.
static constexpr std::chrono::milliseconds graceForLatecomers = 300ms;

struct Cluster::State {
  std::optional<Placement> placement;
  std::unique_ptr<EventLoop> loop;
  /// Null if this machine is none of the devices.
  std::unique_ptr<LocalDevice> local;
  /// These on the loop's thread.
  std::unique_ptr<RpcTransport> transport;
  std::unique_ptr<LocalTransport> withLocal;
  std::unique_ptr<Coordinator> coordinator;

  Status begin(std::vector<RpcWorker> workers,
               std::shared_ptr<const TlsContext> tls, const ModelInfo &model,
               const std::string &version, const ClusterOptions &options);

  /// What the coordinator last said of its workers.
  mutable std::mutex mutex;
  std::condition_variable changed;
  bool covered = false, settled = false;
  std::vector<std::string> problems;
  /// Empty until it is connected.
  std::function<void(const std::string &)> log;

  void update();
  /// Of any number of changes that come together, which a fleet that is gone
  /// brings, one update. On the loop's thread.
  void updateSoon();
  bool awaitWorkers(Deadline deadline);

private:
  bool willUpdate = false;
  void logChange(const std::vector<std::string> &before) const;
};

//===----------------------------------------------------------------------===//
// Connecting
//===----------------------------------------------------------------------===//

static Result<uint64_t> largestReply(const ModelInfo &model) {
  int largest = 0;
  for (const ModelStage *stage : model.stages())
    for (size_t b = 0; stage->parallel && b < stage->branches.size(); ++b) {
      ModelSignature branch = branchSignature(model, "", stage->branches[b]);
      LCP_ASSIGN_OR_RETURN(int limit, messageLimit(branch.outputs));
      largest = std::max(largest, limit);
    }
  return uint64_t(largest);
}

static std::vector<bool> usedDevices(const ModelInfo &model) {
  std::vector<bool> uses(model.deviceCount(), false);
  for (const ModelStage *stage : model.stages())
    for (size_t b = 0; stage->parallel && b < stage->branches.size(); ++b)
      uses[stage->firstDevice + b] = true;
  return uses;
}

static Status addWorker(const ClusterWorker &worker, Result<Endpoint> found,
                        bool tls, std::vector<RpcWorker> &workers) {
  if (worker.isLocal())
    return Status();
  if (found.status().code() == StatusCode::NotFound) {
    // Switched off, perhaps; its connection asks for the name again and again.
    workers.push_back({worker.address, unresolvedEndpoint(worker.address),
                       worker.certificate});
    return Status();
  }
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, std::move(found));
  if (!endpoint.loopback && !tls)
    return Status(StatusCode::Untrusted,
                  "worker " + worker.address +
                      " is on another machine: that needs "
                      "--tls=DIR (ca.pem, cert.pem, key.pem)");
  workers.push_back({worker.address, std::move(endpoint), worker.certificate});
  return Status();
}

/// The workers of a file, in which the local device comes last: so the others'
/// numbers are those of connections.
static ClusterFile withLocalLast(ClusterFile file) {
  std::stable_partition(
      file.workers.begin(), file.workers.end(),
      [](const ClusterWorker &worker) { return !worker.isLocal(); });
  return file;
}

Status Cluster::State::begin(std::vector<RpcWorker> workers,
                             std::shared_ptr<const TlsContext> tls,
                             const ModelInfo &model, const std::string &version,
                             const ClusterOptions &options) {
  LCP_ASSIGN_OR_RETURN(uint64_t replyLimit, largestReply(model));
  LCP_ASSIGN_OR_RETURN(loop, EventLoop::start("lcp-cluster"));
  const size_t others = workers.size();
  if (others < placement->workerCount()) {
    LCP_ASSIGN_OR_RETURN(
        local, LocalDevice::start(*loop, options.local, options.trace));
  }
  transport = std::make_unique<RpcTransport>(*loop, std::move(workers),
                                             std::move(tls), replyLimit);
  transport->traceTo(options.trace);
  Transport *all = transport.get();
  if (local)
    all = (withLocal = std::make_unique<LocalTransport>(*loop, *transport,
                                                        others, *local))
              .get();
  CoordinatorOptions coordination;
  coordination.degrade = options.degrade;
  coordination.timeout = options.timeout;
  // Nobody else can reach this machine.
  coordination.relay = options.relay || local;
  coordination.log = options.log;
  coordinator = std::make_unique<Coordinator>(model, version, *placement, *all,
                                              coordination);
  return Status();
}

Result<std::shared_ptr<Cluster>>
Cluster::connect(const ModelInfo &model, const std::string &version,
                 const ClusterFile &given, const ClusterOptions &options,
                 std::vector<std::string> &problems) {
  const ClusterFile file = withLocalLast(given);
  const size_t before = problems.size();
  const Deadline deadline = std::chrono::steady_clock::now() + options.timeout;
  Status failure(StatusCode::Unavailable,
                 file.path + ": the cluster cannot run this model");
  if (model.deviceCount() == 0)
    return Status(StatusCode::InvalidArgument,
                  model.name + " has no parallel stage to distribute; split it "
                               "(lcp-opt --lcp-split=N)");
  auto state = std::make_unique<State>();
  state->placement.emplace(file, usedDevices(model), problems);
  std::vector<RpcWorker> workers;
  std::vector<Result<Endpoint>> endpoints = resolveFleet(file);
  for (size_t i = 0; i < endpoints.size(); ++i)
    if (Status status = addWorker(file.workers[i], std::move(endpoints[i]),
                                  options.tls.has_value(), workers);
        !status.ok())
      problems.push_back(status.message());
  if (problems.size() != before)
    return failure;

  std::shared_ptr<const TlsContext> tls;
  if (options.tls) {
    LCP_ASSIGN_OR_RETURN(
        tls, TlsContext::create(*options.tls, TlsContext::End::Client));
  }
  LCP_RETURN_IF_ERROR(state->begin(std::move(workers), std::move(tls), model,
                                   version, options));
  std::shared_ptr<Cluster> cluster(new Cluster(std::move(state)));
  const bool covered = cluster->state->awaitWorkers(deadline);
  std::lock_guard<std::mutex> lock(cluster->state->mutex);
  for (const std::string &problem : cluster->state->problems)
    problems.push_back(problem);
  if (!covered)
    return failure;
  cluster->state->log = options.log;
  return cluster;
}

/// Lets the coordinator begin. Whether every branch has somebody in time.
bool Cluster::State::awaitWorkers(Deadline deadline) {
  loop->post([this] { coordinator->start([this] { updateSoon(); }); });
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait_until(lock, deadline, [this] { return covered || settled; });
  if (!settled)
    changed.wait_until(lock,
                       std::min(deadline, std::chrono::steady_clock::now() +
                                              graceForLatecomers),
                       [this] { return settled; });
  lock.unlock();
  // What nobody has answered by now is a problem as well.
  loop->runAndWait([this] { update(); });
  lock.lock();
  return covered;
}

void Cluster::State::logChange(const std::vector<std::string> &before) const {
  const std::unordered_set<std::string> known(before.begin(), before.end());
  for (const std::string &line : problems)
    if (known.count(line) == 0)
      log(line);
  if (problems.empty() && !before.empty())
    log("all workers are back");
}

void Cluster::State::updateSoon() {
  if (!std::exchange(willUpdate, true))
    loop->runLast([this] {
      willUpdate = false;
      if (coordinator)
        update();
    });
}

void Cluster::State::update() {
  std::lock_guard<std::mutex> lock(mutex);
  covered = coordinator->isCovered();
  settled = coordinator->isSettled();
  const std::vector<std::string> before =
      std::exchange(problems, coordinator->problems());
  if (log)
    logChange(before);
  changed.notify_all();
}

Cluster::Cluster(std::unique_ptr<State> state) : state(std::move(state)) {}

Cluster::~Cluster() {
  state->loop->runAndWait([this] {
    state->coordinator = nullptr;
    state->withLocal = nullptr;
    state->transport = nullptr;
  });
}

Status Cluster::setTls(const TlsIdentity &identity) {
  LCP_ASSIGN_OR_RETURN(std::shared_ptr<const TlsContext> tls,
                       TlsContext::create(identity, TlsContext::End::Client));
  state->loop->runAndWait([&] { state->transport->setTls(std::move(tls)); });
  return Status();
}

Traffic Cluster::traffic() const { return state->transport->traffic(); }

Status Cluster::ready() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  if (state->covered)
    return Status();
  return Status(StatusCode::Unavailable, state->problems.empty()
                                             ? "no worker has answered yet"
                                             : state->problems.front());
}

std::vector<std::string> Cluster::describe() const {
  std::vector<std::string> lines;
  state->loop->runAndWait([&] { lines = state->coordinator->describe(); });
  return lines;
}

//===----------------------------------------------------------------------===//
// Running stages
//===----------------------------------------------------------------------===//

/// The executor's end: has a stage run on the loop's thread, which this one is
/// while it waits, if no other executor was first.
class Cluster::Stages final : public RemoteStages {
public:
  explicit Stages(std::shared_ptr<Cluster> cluster)
      : cluster(std::move(cluster)) {}
  ~Stages() override { end(); }

  Status begin(Deadline until, const InputImages &ofInputs) override {
    // The request begins with its first stage: one hop less.
    deadline = until;
    exchanged = false;
    images = ofInputs;
    return Status();
  }
  Status runStage(const ModelStage &stage, Span<std::byte *const> values,
                  std::vector<bool> &came) override;
  bool wants(const ModelMerge &merge) const override {
    return !exchanged ||
           cluster->state->coordinator->exchangePlan().isReadHere(merge);
  }
  void end() override {
    if (!request)
      return;
    cluster->state->loop->post(
        [over = std::move(request)]() mutable { over = nullptr; });
    request = nullptr;
  }
  Status ready() const override { return cluster->ready(); }
  Traffic traffic() const override { return cluster->traffic(); }
  std::optional<std::vector<bool>> devicesHere() const override {
    return cluster->state->placement->devicesHere();
  }

private:
  void start(const ModelStage &stage, Span<std::byte *const> values,
             const std::vector<bool> &wanted);
  void conclude(Result<std::vector<bool>> outcome, bool byExchange = false);

  std::shared_ptr<Cluster> cluster;
  Deadline deadline = noDeadline;
  InputImages images;
  std::shared_ptr<Request> request;
  /// Workers ran the latest stage among themselves.
  bool exchanged = false;
  /// Of the stage that runs, once it is over.
  std::optional<Result<std::vector<bool>>> result;
};

Status Cluster::Stages::runStage(const ModelStage &stage,
                                 Span<std::byte *const> values,
                                 std::vector<bool> &came) {
  cluster->state->loop->runUntil([&] { start(stage, values, came); },
                                 [this] { return result.has_value(); });
  Result<std::vector<bool>> outcome = *std::move(result);
  result.reset();
  if (!outcome.ok())
    return std::move(outcome).status();
  came = *std::move(outcome);
  return Status();
}

void Cluster::Stages::start(const ModelStage &stage,
                            Span<std::byte *const> values,
                            const std::vector<bool> &wanted) {
  Coordinator &coordinator = *cluster->state->coordinator;
  if (!request) {
    Result<std::shared_ptr<Request>> begun =
        coordinator.beginRequest(deadline, std::move(images));
    if (!begun.ok())
      return conclude(std::move(begun).status());
    request = *std::move(begun);
  }
  for (size_t b = 0; b < wanted.size(); ++b)
    if (!wanted[b])
      request->leaveOut(stage.firstDevice + b);
  coordinator.runStage(request, stage.index, values,
                       [this, &stage](Result<std::vector<bool>> outcome) {
                         conclude(std::move(outcome),
                                  request->exchangedIn(stage.index));
                       });
}

void Cluster::Stages::conclude(Result<std::vector<bool>> outcome,
                               bool byExchange) {
  exchanged = byExchange;
  result = std::move(outcome);
}

std::unique_ptr<RemoteStages>
Cluster::makeStages(std::shared_ptr<Cluster> cluster) {
  return std::make_unique<Stages>(std::move(cluster));
}
