//===- Address.cpp - Where a server listens -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Address.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

struct HostPort {
  std::string host;
  std::string port;
};

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

} // namespace

static Result<HostPort> splitAddress(const std::string &address) {
  Status malformed(StatusCode::InvalidArgument,
                   "'" + address +
                       "' is not an address: write HOST:PORT or [IPV6]:PORT");
  size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size())
    return malformed;
  HostPort parts{address.substr(0, colon), address.substr(colon + 1)};
  if (parts.host.front() == '[' && parts.host.back() == ']')
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  else if (parts.host.find(':') != std::string::npos)
    return malformed;
  if (parts.port.size() > 5 ||
      parts.port.find_first_not_of("0123456789") != std::string::npos ||
      std::stoi(parts.port) > 65535)
    return malformed;
  return parts;
}

/// `flags` are getaddrinfo's.
static Result<AddressList> lookUp(const std::string &address, int flags) {
  LCP_ASSIGN_OR_RETURN(HostPort parts, splitAddress(address));
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo *found = nullptr;
  int error =
      getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found);
  if (error != 0)
    return Status(StatusCode::NotFound, "cannot find the host '" + parts.host +
                                            "': " + gai_strerror(error));
  return AddressList(found, freeaddrinfo);
}

static bool isLoopback(const sockaddr *address) {
  if (address->sa_family == AF_INET) {
    auto *v4 = reinterpret_cast<const sockaddr_in *>(address);
    return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
  }
  if (address->sa_family == AF_INET6) {
    auto *v6 = reinterpret_cast<const sockaddr_in6 *>(address);
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  return false;
}

std::string lcp::rt::formatAddress(const sockaddr *address, socklen_t size) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (getnameinfo(address, size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "";
  return address->sa_family == AF_INET6 ? "[" + std::string(host) + "]:" + port
                                        : std::string(host) + ":" + port;
}

Result<SocketAddress> lcp::rt::parseNumericAddress(const std::string &numeric) {
  LCP_ASSIGN_OR_RETURN(AddressList found, lookUp(numeric, AI_NUMERICHOST));
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

Result<Endpoint> lcp::rt::resolveAddress(const std::string &address) {
  LCP_ASSIGN_OR_RETURN(AddressList found, lookUp(address, 0));
  Endpoint endpoint;
  LCP_ASSIGN_OR_RETURN(HostPort parts, splitAddress(address));
  endpoint.host = std::move(parts.host);
  endpoint.numeric = formatAddress(found->ai_addr, found->ai_addrlen);
  if (endpoint.numeric.empty())
    return Status(StatusCode::Internal, "cannot write out '" + address + "'");
  endpoint.loopback = true;
  for (const addrinfo *each = found.get(); each; each = each->ai_next)
    endpoint.loopback &= isLoopback(each->ai_addr);
  return endpoint;
}

Endpoint lcp::rt::unresolvedEndpoint(const std::string &address) {
  Endpoint endpoint;
  endpoint.numeric = address;
  endpoint.host = address.substr(0, address.rfind(':'));
  return endpoint;
}

std::string lcp::rt::nameOf(const Endpoint &endpoint) {
  const std::string port = endpoint.numeric.substr(endpoint.numeric.rfind(':'));
  const bool isIpv6 = endpoint.host.find(':') != std::string::npos;
  if (isIpv6 || parseNumericAddress(endpoint.host + port).ok())
    return "";
  return endpoint.host + port;
}

// Asked before models are loaded, which takes longer than somebody who mistyped
// a port wants to wait. The server's own bind is what counts.
Status lcp::rt::checkCanListen(const Endpoint &endpoint,
                               const std::string &address) {
  LCP_ASSIGN_OR_RETURN(AddressList found,
                       lookUp(endpoint.numeric, AI_NUMERICHOST | AI_PASSIVE));
  int descriptor =
      socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, found->ai_protocol);
  int one = 1;
  bool bound =
      descriptor >= 0 &&
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
      bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
      listen(descriptor, 1) == 0;
  int error = errno;
  if (descriptor >= 0)
    close(descriptor);
  if (bound)
    return Status();
  std::string advice =
      error == EADDRINUSE      ? "; stop the other server or choose another "
                                 "port (port 0 takes a free one)"
      : error == EADDRNOTAVAIL ? "; it is not an address of this machine"
                               : "";
  return Status(StatusCode::Unavailable, "cannot listen on " + address + ": " +
                                             std::strerror(error) + advice);
}
