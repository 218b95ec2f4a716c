//===- RpcTransport.cpp - Workers behind the protocol ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/RpcTransport.h"

#include "runtime/cluster/BranchMessages.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/Parameters.h"
#include "runtime/rpc/Stations.h"

#include "device.pb.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

static constexpr const char *inferMethod =
    "/inference.GRPCInferenceService/ModelInfer";
static constexpr const char *metadataMethod =
    "/inference.GRPCInferenceService/ModelMetadata";

static constexpr const char *probeMethod = "/lcp.Device/Probe";

/// The end of a request: parts of a message one behind the other are one.
static Bytes askForStations() {
  inference::ModelInferRequest more;
  (*more.mutable_parameters())[traceParameter].set_bool_param(true);
  return Bytes::of(more.SerializeAsString());
}

RpcTransport::RpcTransport(EventLoop &loop, std::vector<RpcWorker> workers,
                           std::shared_ptr<const TlsContext> tls,
                           uint64_t largestReply)
    : loop(loop), tls(std::move(tls)), largestReply(largestReply) {
  for (RpcWorker &worker : workers) {
    peers.emplace_back();
    peers.back().worker = std::move(worker);
  }
}

RpcTransport::~RpcTransport() {
  for (const auto &[id, timer] : timers)
    loop.cancelTimer(timer);
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

void RpcTransport::start(ConnectionListener &to) {
  quietMessageLogs();
  listener = &to;
  for (size_t worker = 0; worker < peers.size(); ++worker) {
    Peer &peer = peers[worker];
    ChannelOptions options;
    options.tls = tls;
    options.certificateName = peer.worker.certificate;
    options.largestReply = largestReply;
    // Whoever comes back is to be at work again within a second.
    options.longestBackoff = std::chrono::milliseconds(500);
    peer.channel =
        std::make_unique<Channel>(loop, peer.worker.endpoint, options);
    peer.channel->onStateChange(
        [this, worker](Channel::State state, const Status &why) {
          stateChanged(worker, state, why);
        });
  }
}

void RpcTransport::setTls(std::shared_ptr<const TlsContext> to) {
  tls = std::move(to);
  for (Peer &peer : peers)
    if (peer.channel)
      peer.channel->setTls(tls);
}

void RpcTransport::stateChanged(size_t worker, Channel::State state,
                                const Status &why) {
  Peer &peer = peers[worker];
  // Another one may come in its place.
  peer.accepted.clear();
  switch (state) {
  case Channel::State::Ready:
    peer.met = true;
    if (trace)
      compareClocks(worker, 8);
    return listener->connected(worker);
  case Channel::State::Down:
    return listener->disconnected(worker, describeAbsence(peer, why));
  case Channel::State::Connecting:
    // One that was there is not there now; one that was not has not come yet.
    if (peer.met)
      listener->disconnected(
          worker, Status(StatusCode::Unavailable,
                         "worker " + peer.worker.address +
                             ": the connection is lost and made again"));
    return;
  }
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Transport::CallId RpcTransport::send(size_t worker, const char *method,
                                     Message message, TimePoint deadline,
                                     Channel::Done done) {
  const CallId id = next++;
  auto call = peers[worker].channel->call(
      method, std::move(message), deadline,
      [this, id, done = std::move(done)](Result<Bytes> answer) {
        calls.erase(id);
        done(std::move(answer));
      });
  calls[id] = {worker, call};
  return id;
}

Transport::CallId
RpcTransport::call(size_t worker, const BranchCall &call, TimePoint deadline,
                   std::function<void(Result<BranchAnswer>)> done) {
  Message request =
      encodeCall(call, peers[worker].accepted[call.model->name],
                 [this, worker](size_t to) { return pushAddress(worker, to); });
  if (trace)
    request.append(askForStations());
  const TimePoint begun = now();
  sent += request.size();
  return send(worker, inferMethod, std::move(request), deadline,
              [this, worker, &call, begun,
               done = std::move(done)](Result<Bytes> message) {
                Peer &peer = peers[worker];
                if (!message.ok())
                  return done(describe(peer, *call.model, message.status()));
                received += message->size();
                inference::ModelInferResponse response;
                Result<BranchAnswer> answer =
                    decodeAnswer(message->span(), call, response);
                if (trace)
                  record(peer, call, begun, response);
                if (answer.ok())
                  return done(std::move(answer));
                done(std::move(answer).status().withContext(
                    "worker " + peer.worker.address + ", " + call.model->name));
              });
}

/// What is loopback here is somewhere else for a worker on another machine.
bool RpcTransport::canPush(size_t from, size_t to) const {
  return from == to || !peers[to].channel->server().loopback ||
         peers[from].channel->server().loopback;
}

/// "192.168.7.12:9000#pi3", or nothing for the worker itself.
std::string RpcTransport::pushAddress(size_t from, size_t to) const {
  if (from == to)
    return "";
  const Endpoint &server = peers[to].channel->server();
  const std::string &certificate = peers[to].worker.certificate;
  return server.numeric + "#" +
         (certificate.empty() ? server.host : certificate);
}

Transport::CallId RpcTransport::check(size_t worker,
                                      const ModelSignature &model,
                                      TimePoint deadline,
                                      std::function<void(Status)> done) {
  return send(
      worker, metadataMethod, encodeCheck(model), deadline,
      [this, worker, &model, done = std::move(done)](Result<Bytes> message) {
        done(message.ok() ? checked(worker, model, message->span())
                          : describeCheck(worker, model, message.status()));
      });
}

/// Keeps what a worker says of a model.
Status RpcTransport::checked(size_t worker, const ModelSignature &model,
                             ByteSpan message) {
  Peer &peer = peers[worker];
  LCP_ASSIGN_OR_RETURN(
      peer.accepted[model.name],
      decodeCheck(message, model, "worker " + peer.worker.address));
  return Status();
}

void RpcTransport::cancel(CallId call) {
  auto found = calls.find(call);
  if (found == calls.end())
    return;
  auto [worker, id] = found->second;
  calls.erase(found);
  peers[worker].channel->cancel(id);
}

//===----------------------------------------------------------------------===//
// Traces
//===----------------------------------------------------------------------===//

/// Another one starts with another zero; the shorter the way, the less can be
/// wrong with what is taken for the middle of it.
void RpcTransport::compareClocks(size_t worker, unsigned times) {
  Peer &peer = peers[worker];
  peer.clockError = Duration::max();
  const TimePoint sent = now();
  send(worker, probeMethod, Message(), sent + std::chrono::seconds(1),
       [this, worker, times, sent, &peer](Result<Bytes> answer) {
         const Duration roundTrip = now() - sent;
         ProbeResponse response;
         if (!answer.ok() ||
             !response.ParseFromArray(answer->data(), int(answer->size())))
           return;
         const std::chrono::nanoseconds there(response.steady_ns());
         if (roundTrip < peer.clockError) {
           peer.clockError = roundTrip;
           peer.clockAhead = there - (sent.time_since_epoch() + roundTrip / 2);
         }
         if (times > 1)
           compareClocks(worker, times - 1);
       });
}

void RpcTransport::record(Peer &peer, const BranchCall &call, TimePoint begun,
                          const inference::ModelInferResponse &response) {
  const TimePoint ended = now();
  const std::string &lane = call.model->name;
  trace->add({peer.worker.address,
              lane,
              "call",
              begun,
              ended,
              {{"request", call.request}}});
  auto said = response.parameters().find(traceParameter);
  if (said == response.parameters().end())
    return;
  auto stations = parseStations(said->second.string_param());
  if (!stations || peer.clockError == Duration::max())
    return;
  if (stations->empty())
    return;
  auto here = [&](int64_t nanoseconds) {
    return TimePoint{std::chrono::nanoseconds(nanoseconds)} - peer.clockAhead;
  };
  // It all was within the call, which tells more of the clock.
  peer.clockAhead +=
      std::min(here(stations->front().begin) - begun, Duration::zero());
  peer.clockAhead +=
      std::max(here(stations->back().end) - ended, Duration::zero());
  for (const Station &station : *stations)
    trace->add({peer.worker.address, lane, station.name,
                std::max(here(station.begin), begun),
                std::min(here(station.end), ended)});
}

//===----------------------------------------------------------------------===//
// Errors in the user's terms
//===----------------------------------------------------------------------===//

Status lcp::rt::explainSilence(const Status &failure, bool tls) {
  // Somebody is there and does not speak to us: most likely for one reason.
  if (failure.message() != "it closed the connection")
    return failure;
  return Status(failure.code(),
                failure.message() + (tls ? ": does its ca.pem stand for ours?"
                                         : ": is --tls=DIR missing here?"));
}

Status RpcTransport::describeAbsence(const Peer &peer,
                                     const Status &failure) const {
  if (peer.met && failure.code() != StatusCode::DeadlineExceeded)
    return Status(StatusCode::Unavailable,
                  "worker " + peer.worker.address + ": " + failure.message());
  std::string why =
      failure.code() == StatusCode::DeadlineExceeded
          ? "no answer before the deadline; is it switched on, on the network, "
            "behind a firewall? (--deadline-ms sets how long to wait)"
          : failure.message();
  why = explainSilence(Status(failure.code(), why), tls != nullptr).message();
  return Status(StatusCode::Unavailable,
                "worker " + peer.worker.address + " cannot be reached: " + why);
}

/// Of a worker that did not answer what it was asked about a model.
Status RpcTransport::describeCheck(size_t worker, const ModelSignature &model,
                                   const Status &failure) const {
  const Peer &peer = peers[worker];
  switch (failure.code()) {
  case StatusCode::NotFound:
    return Status(StatusCode::NotFound, "worker " + peer.worker.address +
                                            " does not serve " + model.name);
  case StatusCode::Unavailable:
  case StatusCode::DeadlineExceeded:
    return describeAbsence(peer, failure);
  default:
    return describe(peer, model, failure);
  }
}

Status RpcTransport::describe(const Peer &peer, const ModelSignature &model,
                              const Status &failure) const {
  const std::string worker = "worker " + peer.worker.address;
  switch (failure.code()) {
  case StatusCode::Unavailable:
    return Status(failure.code(), worker + ": gone before or while it ran " +
                                      model.name + " (" + failure.message() +
                                      ")");
  case StatusCode::DeadlineExceeded:
    return Status(failure.code(),
                  worker + ": no answer for " + model.name +
                      " before the deadline (--deadline-ms sets it)");
  default:
    return Status(failure).withContext(worker + ", " + model.name);
  }
}

//===----------------------------------------------------------------------===//
// Timers
//===----------------------------------------------------------------------===//

Transport::TimerId RpcTransport::startTimer(TimePoint when,
                                            std::function<void()> function) {
  const TimerId id = next++;
  timers[id] = loop.runAt(when, [this, id, function = std::move(function)] {
    timers.erase(id);
    function();
  });
  return id;
}

void RpcTransport::cancelTimer(TimerId timer) {
  auto found = timers.find(timer);
  if (found == timers.end())
    return;
  loop.cancelTimer(found->second);
  timers.erase(found);
}
