//===- RpcServer.h - Calls from other machines ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_RPCSERVER_H
#define LCP_RUNTIME_RPC_RPCSERVER_H

#include "runtime/rpc/EventLoop.h"
#include "runtime/rpc/Limits.h"
#include "runtime/rpc/Message.h"
#include "runtime/rpc/Tls.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace lcp::rt {

/// Who is at the other end of a connection.
struct PeerIdentity {
  /// The first name in its certificate: of subjectAltName, or else the common
  /// name. Empty without TLS.
  std::string certificateName;
  /// "192.168.7.12:40213".
  std::string address;
  /// A connection's own, never used again in this process.
  uint64_t connection = 0;
};

/// One call of a peer, complete: it has sent its whole message.
class ServerCall {
public:
  virtual ~ServerCall() = default;

  /// "/inference.GRPCInferenceService/ModelInfer"
  virtual const std::string &method() const = 0;
  virtual const PeerIdentity &peer() const = 0;
  /// Lives as long as the call.
  virtual ByteSpan message() const = 0;
  /// A moment after it, time enough to say what there was no answer for, the
  /// peer has one, DeadlineExceeded, and the call counts as cancelled.
  virtual Deadline deadline() const = 0;

  /// Whether nobody waits for the answer any more: the peer cancelled, its
  /// connection closed, the deadline passed. From any thread.
  virtual bool cancelled() const = 0;
  /// Calls `callback` once, on the loop's thread, when the call is cancelled
  /// before it is finished; at once, on this thread, if it is already. From any
  /// thread; one callback a call.
  virtual void onCancel(std::function<void()> callback) = 0;

  /// Answers with `reply`, or with the error if `status` is one. From any
  /// thread, once; later calls do nothing, and neither does finishing what is
  /// cancelled. A call that is destroyed unfinished is answered with an error.
  virtual void finish(Status status, Message reply) = 0;
  /// Finishes with an error for which the peer is to blame, so that the server
  /// logs it; finish() sees that by some codes only.
  virtual void refuse(Status status) = 0;
};

/// What a server does with calls. Both run on the loop's thread.
class CallHandler {
public:
  virtual ~CallHandler() = default;

  /// The most bytes that a message of this method may have; a longer one is
  /// refused before it is received. Nothing if there is no such method.
  virtual std::optional<uint64_t> largestMessage(std::string_view method) = 0;

  /// Must not block: what takes time goes to another thread.
  virtual void handle(std::shared_ptr<ServerCall> call) = 0;

  /// The peer is gone; its calls were cancelled before.
  virtual void connectionClosed(const PeerIdentity &) {}
};

struct RpcServerOptions {
  /// Numeric, as resolveAddress writes it; port 0 takes a free one.
  std::string address;
  /// Peers must show a certificate of this authority. None: plain text.
  std::shared_ptr<const TlsContext> tls;
  /// Connections that have shown who they are (plain ones: that they speak
  /// HTTP/2), and those that have not. When either is reached, the one that has
  /// been idle for longest makes room.
  unsigned largestConnections = 128, largestStrangers = 64;
  unsigned callsPerConnection = largestCallsPerConnection;
  /// The most bytes of messages that are in memory at a time, requests and
  /// answers, of all peers and of one. What does not fit is refused.
  uint64_t memory = 256u << 20, memoryPerPeer = 128u << 20;
  /// For showing who one is.
  std::chrono::milliseconds handshakeTimeout{5000};
  /// A peer that was silent for `pingAfter` is asked whether it is there, and
  /// has `pingTimeout` to show it. So has one that does not take its answers.
  std::chrono::milliseconds pingAfter{20000}, pingTimeout{10000};
  /// A connection without a call for that long is closed.
  std::chrono::milliseconds idleTimeout{600000};
  /// A message must come at no less than `slowestBytesPerSecond`, after
  /// `messageGrace`.
  std::chrono::milliseconds messageGrace{10000};
  uint64_t slowestBytesPerSecond = 16 << 10;
  /// A call's deadline is no later than so long after its message is here,
  /// whatever the peer has asked for. 0: as the peer has asked.
  std::chrono::milliseconds timeLimit{0};
  /// Gets a line for every peer that was turned away and every call for whose
  /// refusal the peer is to blame, but no more than a few a second. On the
  /// loop's thread.
  std::function<void(const std::string &)> log;
};

/// Answers unary gRPC calls on one address.
class RpcServer {
public:
  /// Listens from here on. `loop` and `handler` outlive the result. Fails with
  /// Unavailable if the address cannot be listened on.
  static Result<std::unique_ptr<RpcServer>>
  start(EventLoop &loop, CallHandler &handler, const RpcServerOptions &options);

  /// Closes all connections at once. The handler is not called after this.
  ~RpcServer();

  /// Where it listens, as numbers: "127.0.0.1:40213".
  const std::string &address() const;

  /// New connections use this from here on; those with a certificate that it
  /// does not accept any more are closed. From any thread.
  void setTls(std::shared_ptr<const TlsContext> tls);

  /// Takes no more calls, gives those that run `grace` to end, then cancels
  /// them. Returns when none is left. Not from the loop's thread.
  void stop(std::chrono::milliseconds grace);

  /// Connections that are open now, strangers among them. From any thread.
  unsigned connections() const;

private:
  class State;
  explicit RpcServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_RPCSERVER_H
