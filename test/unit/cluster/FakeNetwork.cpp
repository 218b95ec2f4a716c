//===- FakeNetwork.cpp - Workers and a clock for tests --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeNetwork.h"
#include "TwoStageModel.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using namespace std::chrono_literals;

/// From sending to the other end's noticing, and until a silent peer is taken
/// for dead.
static constexpr Duration hop = 100us, keepalive = 2s;
/// How long a shard may be there before somebody awaits it.
static constexpr Duration patience = 100ms;

size_t FakeNetwork::addWorker(std::set<unsigned> devices, std::string version) {
  Worker worker;
  worker.address = "w" + std::to_string(workers.size()) + ":1";
  worker.version = std::move(version);
  worker.devices = std::move(devices);
  workers.push_back(std::move(worker));
  return workers.size() - 1;
}

Status FakeNetwork::named(size_t worker, StatusCode code,
                          const std::string &what) const {
  return Status(code, "worker " + workers[worker].address + ": " + what);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

Transport::TimerId FakeNetwork::startTimer(TimePoint when,
                                           std::function<void()> function) {
  TimerId id = next++;
  when = std::max(when, time);
  timers[{when, id}] = std::move(function);
  timerTimes[id] = when;
  return id;
}

void FakeNetwork::cancelTimer(TimerId timer) {
  auto found = timerTimes.find(timer);
  if (found == timerTimes.end())
    return;
  timers.erase({found->second, timer});
  timerTimes.erase(found);
}

bool FakeNetwork::runUntil(const std::function<bool()> &condition,
                           Duration length) {
  const TimePoint end = time + length;
  while (!condition()) {
    if (timers.empty() || timers.begin()->first.first > end) {
      time = end;
      return condition();
    }
    auto first = timers.begin();
    time = first->first.first;
    auto function = std::move(first->second);
    timerTimes.erase(first->first.second);
    timers.erase(first);
    function();
  }
  return true;
}

void FakeNetwork::run(Duration length) {
  runUntil([] { return false; }, length);
}

//===----------------------------------------------------------------------===//
// Workers' lives
//===----------------------------------------------------------------------===//

void FakeNetwork::start(ConnectionListener &to) {
  listener = &to;
  for (size_t worker = 0; worker < workers.size(); ++worker)
    startTimer(time + hop, [=] { connect(worker); });
}

void FakeNetwork::connect(size_t worker) {
  Worker &w = workers[worker];
  if (w.connected || !w.up || time < w.hungUntil)
    return;
  w.connected = true;
  listener->connected(worker);
}

void FakeNetwork::disconnect(size_t worker, const std::string &why) {
  Worker &w = workers[worker];
  w.kept.clear();
  w.shardsHere.clear();
  w.waiting.clear();
  ++w.process;
  if (!std::exchange(w.connected, false))
    return;
  std::vector<CallId> lost;
  for (const auto &[id, call] : pending)
    if (call.worker == worker)
      lost.push_back(id);
  for (CallId id : lost)
    answer(id, named(worker, StatusCode::Unavailable, why));
  listener->disconnected(worker, named(worker, StatusCode::Unavailable, why));
}

void FakeNetwork::restart(size_t worker, Duration downFor,
                          std::string version) {
  Worker &w = workers[worker];
  w.up = false;
  w.version = std::move(version);
  startTimer(time + hop, [=] {
    disconnect(worker, "it closed the connection");
    startTimer(time + downFor, [=] {
      workers[worker].up = true;
      connect(worker);
    });
  });
}

void FakeNetwork::hang(size_t worker, Duration length) {
  workers[worker].hungUntil = time + length;
  startTimer(time + length + hop, [=] { connect(worker); });
  if (length > keepalive)
    startTimer(time + keepalive, [=] { disconnect(worker, "it is silent"); });
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Transport::CallId
FakeNetwork::call(size_t worker, const BranchCall &call, TimePoint deadline,
                  std::function<void(Result<BranchAnswer>)> done) {
  CallId id = next++;
  Worker &w = workers[worker];
  ++w.calls;
  pending[id] = {worker, std::move(done)};
  startTimer(deadline, [=] {
    answer(id, named(worker, StatusCode::DeadlineExceeded, "no answer"));
  });
  Fate fate = decide ? decide(worker, call) : Fate();
  // A copy: the network carries bytes, not pointers.
  startTimer(time + fate.latency, [=, process = w.process] {
    arrive(worker, process, id, call, fate);
  });
  return id;
}

void FakeNetwork::arrive(size_t worker, unsigned process, CallId id,
                         const BranchCall &call, Fate fate) {
  Worker &w = workers[worker];
  if (!pending.count(id))
    return;
  if (!w.connected)
    return answer(id, named(worker, StatusCode::Unavailable, "not there"));
  if (fate.what == Fate::Drop || process != w.process)
    return;
  if (time < w.hungUntil) {
    startTimer(w.hungUntil, [=] { arrive(worker, process, id, call, fate); });
    return;
  }
  if (fate.what == Fate::Fail)
    return answer(id, named(worker, fate.code, "out of luck"));
  if (!hasShards(w, call)) {
    w.waiting.push_back([=] { arrive(worker, process, id, call, fate); });
    return;
  }
  std::vector<Floats> outputs;
  Status computed = compute(w, call, outputs);
  if (!computed.ok())
    return answer(id, named(worker, computed.code(), computed.message()));
  if (fate.what == Fate::Corrupt)
    outputs.back().resize(width / 2);
  send(worker, id, call, std::move(outputs));
}

//===----------------------------------------------------------------------===//
// Shards
//===----------------------------------------------------------------------===//

bool FakeNetwork::canPush(size_t from, size_t to) const {
  return from == to || !workers[to].isolated;
}

bool FakeNetwork::hasShards(const Worker &worker,
                            const BranchCall &call) const {
  for (const BranchCall::Input &input : call.inputs)
    for (const std::string &key : input.awaited)
      if (!worker.shardsHere.count({call.request, key}))
        return false;
  return true;
}

FakeNetwork::Floats
FakeNetwork::take(Worker &worker,
                  const std::pair<std::string, std::string> &key) {
  auto found = worker.shardsHere.find(key);
  Floats floats = found->second.floats;
  if (--found->second.left > 0)
    return floats;
  auto taken = std::move(found->second.taken);
  worker.shardsHere.erase(found);
  taken(Status());
  return floats;
}

/// Answers once all shards are taken.
void FakeNetwork::send(size_t worker, CallId id, const BranchCall &call,
                       std::vector<Floats> outputs) {
  struct Sending {
    std::vector<Floats> outputs;
    size_t open = 1;
  };
  auto sending = std::make_shared<Sending>();
  sending->outputs = std::move(outputs);
  auto ended = [=](Status status) {
    if (!status.ok())
      return answer(id, named(worker, status.code(), status.message()));
    if (--sending->open > 0)
      return;
    BranchAnswer spans;
    for (const Floats &output : sending->outputs)
      spans.push_back({reinterpret_cast<const std::byte *>(output.data()),
                       output.size() * sizeof(float)});
    answer(id, spans);
  };
  for (size_t i = 0; i < call.pushes.size(); ++i)
    for (const BranchCall::Push &target : call.pushes[i]) {
      ++sending->open;
      Shard shard{sending->outputs[i], target.takers, ended};
      startTimer(time + hop, [=, request = call.request,
                              process = workers[target.worker].process] {
        if (process != workers[target.worker].process ||
            !workers[target.worker].connected)
          return ended(Status(StatusCode::Unavailable, "a shard is lost"));
        push(target.worker, request, target, shard);
      });
    }
  ended(Status());
}

void FakeNetwork::push(size_t worker, const std::string &request,
                       const BranchCall::Push &target, Shard shard) {
  Worker &w = workers[worker];
  if (time < w.hungUntil) {
    startTimer(w.hungUntil, [=] { push(worker, request, target, shard); });
    return;
  }
  if (shard.floats.size() != width)
    return shard.taken(Status(StatusCode::InvalidArgument, "half a shard"));
  const auto key = std::make_pair(request, target.key);
  EXPECT_EQ(w.shardsHere.count(key), 0u) << "it is pushed twice";
  ++w.shards;
  w.shardsHere[key] = std::move(shard);
  startTimer(time + patience, [=] {
    auto found = workers[worker].shardsHere.find(key);
    if (found == workers[worker].shardsHere.end())
      return;
    auto taken = std::move(found->second.taken);
    workers[worker].shardsHere.erase(found);
    taken(Status(StatusCode::NotFound, "nobody asks for a shard"));
  });
  for (auto &call : std::exchange(w.waiting, {}))
    call();
}

Status FakeNetwork::compute(Worker &worker, const BranchCall &call,
                            std::vector<Floats> &outputs) {
  // "m.s1.b2"
  const std::string &name = call.model->name;
  unsigned stage = unsigned(name[3] - '0'), branch = unsigned(name[6] - '0');
  if (!worker.devices.count(branch) || worker.version != call.model->version)
    return Status(StatusCode::NotFound, "it does not serve " + name);
  std::vector<Floats> inputs;
  for (const BranchCall::Input &input : call.inputs) {
    if (input.tensor) {
      inputs.emplace_back(width);
      std::memcpy(inputs.back().data(), input.tensor->bytes()->data(),
                  width * sizeof(float));
      continue;
    }
    if (!input.awaited.empty()) {
      inputs.push_back(take(worker, {call.request, input.awaited.front()}));
      continue;
    }
    auto found = worker.kept.find({call.request, input.keptAs});
    if (found == worker.kept.end())
      return Status(StatusCode::NotFound, "nothing is kept under that key");
    inputs.push_back(found->second);
    if (input.last)
      worker.kept.erase(found);
  }
  std::vector<const float *> in;
  for (const Floats &input : inputs)
    in.push_back(input.data());
  outputs.assign(call.keepOutputsAs.size(), Floats(width));
  std::vector<float *> out;
  for (Floats &output : outputs)
    out.push_back(output.data());
  runTwoStageBranch(stage, branch, width, in, out);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (!call.keepOutputsAs[i].empty()) {
      worker.kept[{call.request, call.keepOutputsAs[i]}] = outputs[i];
      outputs[i].clear();
    }
  return Status();
}

void FakeNetwork::answer(CallId id, Result<BranchAnswer> result) {
  auto found = pending.find(id);
  if (found == pending.end())
    return;
  auto done = std::move(found->second.done);
  pending.erase(found);
  done(std::move(result));
}

Transport::CallId FakeNetwork::check(size_t worker, const ModelSignature &model,
                                     TimePoint deadline,
                                     std::function<void(Status)> done) {
  CallId id = next++;
  const unsigned branch = unsigned(model.name[6] - '0');
  pending[id] = {worker, [done = std::move(done)](Result<BranchAnswer> answer) {
                   done(answer.ok() ? Status() : answer.status());
                 }};
  startTimer(deadline, [=] {
    answer(id, named(worker, StatusCode::DeadlineExceeded, "no answer"));
  });
  startTimer(time + 2 * hop, [=, version = model.version] {
    const Worker &w = workers[worker];
    if (time < w.hungUntil)
      return;
    if (!w.devices.count(branch))
      answer(id, named(worker, StatusCode::NotFound, "does not serve it"));
    else if (w.version != version)
      answer(id, named(worker, StatusCode::Mismatch, "another bundle"));
    else
      answer(id, BranchAnswer());
  });
  return id;
}
