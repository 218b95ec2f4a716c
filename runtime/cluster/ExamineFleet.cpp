//===- ExamineFleet.cpp - Asks every device of a fleet --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ExamineFleet.h"

#include "runtime/cluster/ResolveFleet.h"
#include "runtime/cluster/RpcTransport.h"

#include <future>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// The devices of a file, those that have an address with their probes. Its
/// loop outlives the probes.
class Examination {
public:
  static Result<std::unique_ptr<Examination>>
  start(const ClusterFile &file, std::shared_ptr<const TlsContext> tls);
  ~Examination() {
    if (loop)
      loop->runAndWait([this] { probes.clear(); });
  }

  void ask(std::chrono::milliseconds timeout);
  void measureLinks();
  std::vector<DeviceFacts> facts() const;

private:
  void add(const ClusterWorker &worker, Result<Endpoint> endpoint);

  std::unique_ptr<EventLoop> loop;
  std::shared_ptr<const TlsContext> tls;
  std::vector<std::unique_ptr<DeviceProbe>> probes;
  /// Of those without a probe, and by worker what stands instead.
  std::vector<DeviceFacts> unasked;
};

} // namespace

Result<std::unique_ptr<Examination>>
Examination::start(const ClusterFile &file,
                   std::shared_ptr<const TlsContext> tls) {
  auto examination = std::make_unique<Examination>();
  examination->tls = std::move(tls);
  LCP_ASSIGN_OR_RETURN(examination->loop, EventLoop::start("lcp-doctor"));
  std::vector<Result<Endpoint>> endpoints = resolveFleet(file);
  examination->loop->runAndWait([&] {
    for (size_t i = 0; i < endpoints.size(); ++i)
      examination->add(file.workers[i], std::move(endpoints[i]));
  });
  return examination;
}

void Examination::add(const ClusterWorker &worker, Result<Endpoint> endpoint) {
  unasked.emplace_back();
  unasked.back().worker = worker;
  probes.push_back(nullptr);
  if (worker.isLocal())
    return;
  Status &reached = unasked.back().reached;
  reached = endpoint.status();
  if (endpoint.ok() && !endpoint->loopback && !tls)
    reached = Status(StatusCode::Untrusted,
                     "it is on another machine: that needs --tls=DIR (ca.pem, "
                     "cert.pem, key.pem)");
  if (!reached.ok())
    return;
  ChannelOptions options;
  options.tls = tls;
  probes.back() =
      std::make_unique<DeviceProbe>(*loop, worker, *endpoint, options);
}

void Examination::ask(std::chrono::milliseconds timeout) {
  std::vector<std::future<void>> answers;
  const Deadline deadline = Deadline::clock::now() + timeout;
  for (const std::unique_ptr<DeviceProbe> &probe : probes) {
    if (!probe)
      continue;
    auto answered = std::make_shared<std::promise<void>>();
    answers.push_back(answered->get_future());
    loop->post([&probe = *probe, deadline, answered] {
      probe.ask(deadline, [answered] { answered->set_value(); });
    });
  }
  for (std::future<void> &answer : answers)
    answer.wait();
}

void Examination::measureLinks() {
  for (const std::unique_ptr<DeviceProbe> &probe : probes) {
    if (!probe || probe->facts.roundTrips.empty())
      continue;
    std::promise<void> measured;
    loop->post(
        [&] { probe->measureLink([&measured] { measured.set_value(); }); });
    measured.get_future().wait();
  }
}

std::vector<DeviceFacts> Examination::facts() const {
  std::vector<DeviceFacts> all;
  for (size_t i = 0; i < probes.size(); ++i) {
    all.push_back(probes[i] ? probes[i]->facts : unasked[i]);
    if (all.back().reached.code() == StatusCode::Unavailable)
      all.back().reached = explainSilence(all.back().reached, tls != nullptr);
  }
  return all;
}

Result<std::vector<DeviceFacts>>
lcp::rt::examineFleet(const ClusterFile &file,
                      const std::optional<TlsIdentity> &tls,
                      std::chrono::milliseconds timeout) {
  std::shared_ptr<const TlsContext> context;
  if (tls) {
    LCP_ASSIGN_OR_RETURN(context,
                         TlsContext::create(*tls, TlsContext::End::Client));
  }
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Examination> examination,
                       Examination::start(file, std::move(context)));
  examination->ask(timeout);
  examination->measureLinks();
  return examination->facts();
}
