//===- Server.h - Models behind the Open Inference Protocol -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVER_H
#define LCP_RUNTIME_SERVING_SERVER_H

#include "runtime/rpc/Tls.h"
#include "runtime/serving/Servable.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace lcp::rt {

struct ServerOptions {
  /// HOST:PORT; port 0 takes a free one.
  std::string address;
  /// Needed where other machines reach the address.
  std::optional<TlsIdentity> tls;
  /// Names of certificates that may call; none: all of the authority's.
  std::vector<std::string> allowed;
  /// HOST:PORT of a page for Prometheus; empty: none.
  std::string metrics;
  /// The most time that a request may take, its wait for its turn included; 0:
  /// as much as the client gives it.
  std::chrono::milliseconds timeLimit{0};
  /// Gets a line, without an end, for every peer, call and shard that is turned
  /// away. On a thread of the server's.
  std::function<void(const std::string &)> log = [](const std::string &) {};
};

/// A gRPC server on one address. Requests are computed one after the other;
/// one that nobody waits for any more is not computed, and one that finds too
/// many before it is refused with ResourceExhausted. Health and metadata are
/// always answered.
class Server {
public:
  /// Listens and answers from here on. Fails if the address is not loopback and
  /// there is no `tls`, if it cannot be listened on, if two models share a
  /// name, or if a model's tensors do not fit a message.
  static Result<std::unique_ptr<Server>>
  start(std::vector<std::unique_ptr<Servable>> models, ServerOptions options);

  /// Stops at once.
  ~Server();

  /// Where it listens, as numbers: "127.0.0.1:40213".
  const std::string &address() const;
  /// Of the page for Prometheus; empty if there is none.
  std::string metricsAddress() const;

  /// From here on this end shows another certificate and trusts by another
  /// authority and list; connections of peers that are not trusted any more are
  /// closed. Fails if the identity is not what readTlsIdentity gives.
  Status setTls(const TlsIdentity &identity);

  /// Takes no more requests, gives those that run `grace` to end, then cancels
  /// them. Returns when none is left.
  void stop(std::chrono::milliseconds grace);

private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVER_H
