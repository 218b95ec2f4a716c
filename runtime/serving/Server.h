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

#include <memory>
#include <optional>

namespace lcp::rt {

/// A gRPC server on one address. Requests for one model run one after the
/// other, in that model's own buffers; requests for different models run side
/// by side. A request whose deadline passes while it waits is not run, and one
/// that finds too many before it is refused with ResourceExhausted; health and
/// metadata are always answered.
class Server {
public:
  /// Listens and answers from here on. `address` is HOST:PORT; port 0 takes a
  /// free one. Fails if the address is not loopback and there is no `tls`, if
  /// it cannot be listened on, if two models share a name, or if a model's
  /// tensors do not fit a message.
  static Result<std::unique_ptr<Server>>
  start(std::vector<std::unique_ptr<Servable>> models,
        const std::string &address, const std::optional<TlsIdentity> &tls);

  /// Stops at once.
  ~Server();

  /// Where it listens, as numbers: "127.0.0.1:40213".
  const std::string &address() const;

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
