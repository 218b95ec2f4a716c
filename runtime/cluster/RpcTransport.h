//===- RpcTransport.h - Workers behind the protocol -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_RPCTRANSPORT_H
#define LCP_RUNTIME_CLUSTER_RPCTRANSPORT_H

#include "runtime/cluster/Transport.h"
#include "runtime/executor/Executor.h"
#include "runtime/platform/Trace.h"
#include "runtime/rpc/Channel.h"

#include <atomic>
#include <map>
#include <unordered_map>

namespace inference {
class ModelInferResponse;
} // namespace inference

namespace lcp::rt {

/// A worker to connect to.
struct RpcWorker {
  /// As the cluster file has it: what messages call the worker.
  std::string address;
  Endpoint endpoint;
  /// Of what its certificate must be; empty: of the endpoint's host.
  std::string certificate;
};

/// The same error, of a connection to somebody who has never answered, with the
/// most likely reason where it names none.
Status explainSilence(const Status &failure, bool tls);

/// Calls workers by the Open Inference Protocol, over one channel each. Made
/// anywhere; used and destroyed on the loop's thread.
class RpcTransport final : public Transport {
public:
  /// `largestReply` in bytes is a messageLimit; without `tls` connections are
  /// in plain text. The loop outlives this.
  RpcTransport(EventLoop &loop, std::vector<RpcWorker> workers,
               std::shared_ptr<const TlsContext> tls, uint64_t largestReply);
  ~RpcTransport() override;

  /// From now on it is recorded what calls do, with what workers say of them.
  /// Before start(); `to` outlives this.
  void traceTo(Trace *to) { trace = to; }

  /// See Channel::setTls. On the loop's thread.
  void setTls(std::shared_ptr<const TlsContext> tls);

  /// Bytes of the messages of inferences so far. From any thread.
  Traffic traffic() const { return {sent, received}; }

  void start(ConnectionListener &listener) override;
  CallId call(size_t worker, const BranchCall &call, TimePoint deadline,
              std::function<void(Result<BranchAnswer>)> done) override;
  bool canPush(size_t from, size_t to) const override;
  CallId check(size_t worker, const ModelSignature &model, TimePoint deadline,
               std::function<void(Status)> done) override;
  void cancel(CallId call) override;
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  TimerId startTimer(TimePoint when, std::function<void()> function) override;
  void cancelTimer(TimerId timer) override;

private:
  struct Peer {
    RpcWorker worker;
    std::unique_ptr<Channel> channel;
    /// It has been connected before.
    bool met = false;
    /// Its steady clock less this machine's, of a trace, and the round trip by
    /// which that was found.
    Duration clockAhead{0}, clockError = Duration::max();
    /// By model, as the worker at the other end of this connection has said.
    std::map<std::string, AcceptedImages> accepted;
  };

  CallId send(size_t worker, const char *method, Message message,
              TimePoint deadline, Channel::Done done);
  std::string pushAddress(size_t from, size_t to) const;
  Status checked(size_t worker, const ModelSignature &model, ByteSpan message);
  void stateChanged(size_t worker, Channel::State state, const Status &why);
  void compareClocks(size_t worker, unsigned times);
  void record(Peer &peer, const BranchCall &call, TimePoint begun,
              const inference::ModelInferResponse &response);
  Status describe(const Peer &peer, const ModelSignature &model,
                  const Status &failure) const;
  Status describeCheck(size_t worker, const ModelSignature &model,
                       const Status &failure) const;
  Status describeAbsence(const Peer &peer, const Status &failure) const;

  EventLoop &loop;
  std::vector<Peer> peers;
  std::shared_ptr<const TlsContext> tls;
  uint64_t largestReply;
  Trace *trace = nullptr;
  ConnectionListener *listener = nullptr;
  std::atomic<uint64_t> sent{0}, received{0};
  uint64_t next = 1;
  /// By our numbers, which are unique over all channels.
  std::unordered_map<CallId, std::pair<size_t, Channel::CallId>> calls;
  std::unordered_map<TimerId, EventLoop::TimerId> timers;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_RPCTRANSPORT_H
