//===- Address.h - Where a server listens -----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_ADDRESS_H
#define LCP_RUNTIME_RPC_ADDRESS_H

#include "common/base/Status.h"

#include <string>
#include <sys/socket.h>

namespace lcp::rt {

/// An address as the system takes it.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr *get() const {
    return reinterpret_cast<const sockaddr *>(&storage);
  }
};

/// Of a numeric "HOST:PORT" or "[IPV6]:PORT"; asks no name service.
Result<SocketAddress> parseNumericAddress(const std::string &numeric);

/// "127.0.0.1:9000" or "[::1]:9000".
std::string formatAddress(const sockaddr *address, socklen_t size);

/// An address that a name service has answered for.
struct Endpoint {
  /// "127.0.0.1:9000" or "[::1]:9000": what was checked is what is used, so
  /// that a name cannot change its meaning in between. Of an unresolved one the
  /// address as it was written.
  std::string numeric;
  /// The host as it was written: what its certificate must be for.
  std::string host;
  /// Whether only this machine can reach it.
  bool loopback = false;
};

/// Resolves HOST:PORT or [IPV6]:PORT to its first address. For a host with
/// several addresses `loopback` is true only if all of them are.
/// Fails with NotFound if no such host is known now.
Result<Endpoint> resolveAddress(const std::string &address);

/// Of a host that is not known yet: nothing can connect to it before its name
/// was looked up again, which a Channel does.
Endpoint unresolvedEndpoint(const std::string &address);

/// HOST:PORT of an endpoint whose host is a name; nothing if it was written as
/// a number, which stays what it is.
std::string nameOf(const Endpoint &endpoint);

/// Fails with one line if nothing can listen there: the port is taken, the
/// address is not this machine's, the port needs privileges.
Status checkCanListen(const Endpoint &endpoint, const std::string &address);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_ADDRESS_H
