//===- DeviceProbe.cpp - What one device answers --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/DeviceProbe.h"

#include "runtime/rpc/Limits.h"

#include "device.pb.h"

#include <algorithm>
#include <cmath>
#include <utility>

using namespace lcp;
using namespace lcp::rt;
using namespace std::chrono_literals;

static constexpr const char *describeMethod = "/lcp.Device/Describe";
static constexpr const char *probeMethod = "/lcp.Device/Probe";

/// How many small calls, and how long the pauses are: longer than radios stay
/// awake after a packet.
static constexpr size_t pings = 20, restedPings = 5;
static constexpr auto pause = 250ms;

/// The first sized call in bytes, which are enough when their time is that of
/// many round trips, and how long all of one way may take.
static constexpr uint32_t smallestLoad = 64 << 10;
static constexpr auto longEnough = 50ms, linkTime = 1000ms;

static DeviceFacts::Time since(Deadline sent) {
  return Deadline::clock::now() - sent;
}

template <typename M> static bool parse(const Result<Bytes> &answer, M &to) {
  return to.ParseFromArray(answer->data(), int(answer->size()));
}

double lcp::rt::quantile(const std::vector<DeviceFacts::Time> &times,
                         double q) {
  return times[size_t(std::lround(q * double(times.size() - 1)))].count();
}

DeviceProbe::DeviceProbe(EventLoop &loop, const ClusterWorker &worker,
                         const Endpoint &server, ChannelOptions options)
    : loop(loop), server(server) {
  facts.worker = worker;
  facts.usesTls = options.tls != nullptr;
  facts.isLoopback = server.loopback;
  options.certificateName = worker.certificate;
  options.largestReply = largestProbe + 1024;
  channel = std::make_unique<Channel>(loop, server, std::move(options));
}

void DeviceProbe::finish() {
  // A copy, since this may be gone before it returns.
  auto conclusion = std::exchange(done, nullptr);
  conclusion();
}

//===----------------------------------------------------------------------===//
// Who it is
//===----------------------------------------------------------------------===//

void DeviceProbe::ask(Deadline deadline, Done then) {
  done = std::move(then);
  until = deadline;
  channel->call(describeMethod, Message(), until,
                [this](Result<Bytes> answer) { describe(answer); });
}

static PowerSave powerSaveOf(DescribeResponse::PowerSave said) {
  return said == DescribeResponse::ON    ? PowerSave::On
         : said == DescribeResponse::OFF ? PowerSave::Off
                                         : PowerSave::Unknown;
}

/// Without the port and the brackets of "[::1]:9000".
static std::string hostOf(const std::string &numeric) {
  std::string host = numeric.substr(0, numeric.rfind(':'));
  return host.front() == '[' ? host.substr(1, host.size() - 2) : host;
}

static void read(const DescribeResponse &response, const std::string &host,
                 DeviceFacts &facts) {
  facts.runtimeVersion = response.runtime_version();
  facts.protocol = response.protocol_version();
  for (const auto &model : response.models())
    facts.models.push_back({model.name(), model.version()});
  for (const auto &said : response.wireless()) {
    const auto &addresses = said.addresses();
    if (std::find(addresses.begin(), addresses.end(), host) != addresses.end())
      facts.wireless = {said.name(), {host}, powerSaveOf(said.power_save())};
  }
}

void DeviceProbe::describe(const Result<Bytes> &answer) {
  facts.certificate = channel->serverCertificate();
  const StatusCode code = answer.status().code();
  if (code == StatusCode::Unavailable || code == StatusCode::DeadlineExceeded) {
    facts.reached = answer.status();
    return finish();
  }
  DescribeResponse response;
  if (!answer.ok())
    facts.described = answer.status();
  else if (!parse(answer, response))
    facts.described = Status(StatusCode::Corrupt,
                             "its description is no message of the protocol");
  if (!facts.described.ok())
    return finish();
  read(response, hostOf(server.numeric), facts);
  ping();
}

//===----------------------------------------------------------------------===//
// How far it is, and its clock
//===----------------------------------------------------------------------===//

void DeviceProbe::ping() {
  const Deadline sent = Deadline::clock::now();
  channel->call(probeMethod, Message(), until,
                [this, sent](Result<Bytes> answer) { pinged(sent, answer); });
}

void DeviceProbe::setClock(int64_t wall, DeviceFacts::Time roundTrip) {
  const double here =
      DeviceFacts::Time(std::chrono::system_clock::now().time_since_epoch())
          .count();
  // It was somewhere on the way that it looked at its clock.
  DeviceFacts::Clock clock;
  clock.error = roundTrip.count() / 2;
  clock.ahead = double(wall) * 1e-9 - (here - clock.error);
  clock.says = wall / 1000000000;
  if (!facts.clock || clock.error < facts.clock->error)
    facts.clock = clock;
}

void DeviceProbe::pinged(Deadline sent, const Result<Bytes> &answer) {
  const DeviceFacts::Time took = since(sent);
  ProbeResponse response;
  const bool quick = facts.roundTrips.size() < pings;
  std::vector<DeviceFacts::Time> &times =
      quick ? facts.roundTrips : facts.afterPauses;
  if (answer.ok() && parse(answer, response)) {
    setClock(response.wall_ns(), took);
    times.push_back(took);
  }
  const bool rests = !quick || facts.roundTrips.size() == pings;
  const bool over =
      rests && (server.loopback || facts.afterPauses.size() == restedPings);
  if (!answer.ok() || over || Deadline::clock::now() + pause >= until) {
    std::sort(facts.roundTrips.begin(), facts.roundTrips.end());
    std::sort(facts.afterPauses.begin(), facts.afterPauses.end());
    return finish();
  }
  if (!rests)
    return ping();
  loop.runAt(Deadline::clock::now() + pause, [this] { ping(); });
}

//===----------------------------------------------------------------------===//
// What its link carries
//===----------------------------------------------------------------------===//

void DeviceProbe::measureLink(Done then) {
  done = std::move(then);
  until = Deadline::clock::now() + linkTime;
  measure(Way::To, smallestLoad);
}

void DeviceProbe::measure(Way way, uint32_t bytes) {
  ProbeRequest request;
  if (way == Way::To)
    request.mutable_padding()->resize(bytes);
  else
    request.set_reply_bytes(bytes);
  const Deadline sent = Deadline::clock::now();
  channel->call(probeMethod, Message(request.SerializeAsString()), until,
                [this, way, bytes, sent](Result<Bytes> answer) {
                  measured(way, bytes, sent, answer);
                });
}

void DeviceProbe::measured(Way way, uint32_t bytes, Deadline sent,
                           const Result<Bytes> &answer) {
  const DeviceFacts::Time took = since(sent);
  const DeviceFacts::Time roundTrip =
      facts.roundTrips.empty() ? took / 2 : facts.roundTrips.front();
  std::optional<double> &rate =
      way == Way::To ? facts.bitsPerSecondTo : facts.bitsPerSecondFrom;
  if (answer.ok())
    rate = 8.0 * bytes / std::max(took - roundTrip, took / 10).count();
  const bool enough =
      !answer.ok() || bytes >= largestProbe ||
      took > std::max<DeviceFacts::Time>(longEnough, 10 * roundTrip);
  if (!enough)
    return measure(way, std::min(bytes * 4, largestProbe));
  if (way == Way::From)
    return finish();
  until = Deadline::clock::now() + linkTime;
  measure(Way::From, smallestLoad);
}
