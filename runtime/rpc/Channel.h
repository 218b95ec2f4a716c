//===- Channel.h - Calls to one server --------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_CHANNEL_H
#define LCP_RUNTIME_RPC_CHANNEL_H

#include "runtime/rpc/Address.h"
#include "runtime/rpc/CertificateSummary.h"
#include "runtime/rpc/EventLoop.h"
#include "runtime/rpc/Message.h"
#include "runtime/rpc/Tls.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace lcp::rt {

struct ChannelOptions {
  /// None: plain text.
  std::shared_ptr<const TlsContext> tls;
  /// The name or address that the server's certificate must have; empty: the
  /// host of the channel's address.
  std::string certificateName;
  /// The most bytes of an answer; a longer one is refused before it is
  /// received.
  uint64_t largestReply = 4 << 20;
  /// For the connection, and for TLS and HTTP/2 after that.
  std::chrono::milliseconds connectTimeout{1000}, handshakeTimeout{5000};
  /// A server that was silent for `pingAfter` is asked whether it is there, and
  /// counts as gone if it has not answered within `pingTimeout`. One that says
  /// that these are too many pings (gRPC's do, after three) is from then on
  /// asked no sooner than `calmPingAfter`, and only while it has calls to
  /// answer. The default is what gRPC's servers put up with by theirs. On a
  /// radio channel that other devices fill, servers that were there were silent
  /// for over two seconds, one of them after the ping.
  std::chrono::milliseconds pingAfter{1000}, pingTimeout{3000},
      calmPingAfter{300000};
  /// Before the second attempt to connect again, doubled up to the longest.
  std::chrono::milliseconds firstBackoff{50}, longestBackoff{1000};
};

/// A connection to one server, made in the background and made again when it is
/// lost. When that fails, the name service is asked anew: a machine that is not
/// where it was may have another address. Lives on the loop's thread: made,
/// used and destroyed there.
class Channel {
public:
  enum class State {
    /// Calls wait for the outcome.
    Connecting,
    Ready,
    /// The last attempt to connect failed; calls fail at once with the reason,
    /// Unavailable, until a later attempt succeeds.
    Down
  };
  using CallId = uint64_t;
  /// Gets the answer's message or why there is none: what the server said
  /// (status codes as in WireStatus.h), Unavailable if the connection was lost
  /// or not made, DeadlineExceeded, ResourceExhausted for an answer that is too
  /// long, Corrupt for one that is no gRPC.
  using Done = std::function<void(Result<Bytes>)>;
  /// The new state and, for Down, the reason.
  using Listener = std::function<void(State, const Status &reason)>;

  /// Begins to connect.
  Channel(EventLoop &loop, Endpoint server, ChannelOptions options);
  /// Calls in flight are dropped without being told.
  ~Channel();

  /// Calls `method`, "/inference.GRPCInferenceService/ModelInfer". `done` is
  /// called exactly once, by `deadline` (or a millisecond later) and never
  /// before this returns, unless cancel comes first. The message's bytes are
  /// not looked at any more once `done` was called or the call cancelled.
  CallId call(std::string method, Message message, Deadline deadline,
              Done done);

  /// Tells the server that nobody waits any more; `done` is not called. Does
  /// nothing if the call is over.
  void cancel(CallId call);

  /// From here on this end shows another certificate and trusts by another
  /// authority and list. A connection to a server that is not trusted any more
  /// is closed.
  void setTls(std::shared_ptr<const TlsContext> tls);

  /// Where it is now, as far as known.
  const Endpoint &server() const;
  State state() const;
  /// Why the channel is down; OK if it is not.
  const Status &reason() const;
  /// The server's, of a channel that is ready; nothing without TLS.
  std::optional<CertificateSummary> serverCertificate() const;
  /// Called on every change from now on. It may call and cancel, but not
  /// destroy the channel.
  void onStateChange(Listener listener);

private:
  class Implementation;
  std::shared_ptr<Implementation> implementation;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_CHANNEL_H
