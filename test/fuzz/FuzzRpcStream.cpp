//===- FuzzRpcStream.cpp - Any bytes as a connection to a server ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is what a peer in plain text sends. Its first byte says whether the
// connection's greeting is put before the rest, so that the fuzzer need not
// find it.
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/RpcServer.h"
#include "runtime/rpc/ServerConnection.h"

#include <cstdlib>
#include <sys/socket.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// Answers half of the calls and forgets the others.
class Handler final : public CallHandler {
public:
  std::optional<uint64_t> largestMessage(std::string_view method) override {
    if (method.size() > 64)
      return std::nullopt;
    return 1000;
  }
  void handle(std::shared_ptr<ServerCall> call) override {
    if (call->message().size() > 1000)
      std::abort();
    if (call->message().size() % 2 == 0)
      call->finish(Status(), Message(std::string(call->message().size(), 'x')));
  }
};

class Owner final : public ServerConnection::Owner {
public:
  void opened(ServerConnection &) override {}
  void closed(ServerConnection &, bool, const Status &) override {
    isClosed = true;
  }
  void refused(const ServerConnection &, const Status &) override {}
  bool isClosed = false;
};

/// Both ends of a stream; the kernel's part of a TCP connection.
struct Pair {
  Pair() {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends) != 0)
      std::abort();
  }
  ~Pair() { close(ends[1]); }
  int ends[2];
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::unique_ptr<EventLoop> loop = *EventLoop::start("fuzz");
  static Handler handler;
  static const RpcServerOptions options;
  static const std::string greeting = {
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33};
  if (size == 0 || size > 64 << 10)
    return 0;
  Pair pair;
  Owner owner;
  std::string bytes = data[0] % 2 == 0 ? greeting : "";
  bytes.append(reinterpret_cast<const char *>(data + 1), size - 1);
  loop->runAndWait([&] {
    auto memory = std::make_shared<MemoryQuota>(1 << 20);
    auto connection = *ServerConnection::accept(
        *loop, pair.ends[0], options, nullptr, memory, handler, owner);
    for (size_t sent = 0; sent < bytes.size() && !owner.isClosed;) {
      ssize_t count = send(pair.ends[1], bytes.data() + sent,
                           bytes.size() - sent, MSG_NOSIGNAL);
      if (count > 0)
        sent += size_t(count);
      connection->ready(1 /* EPOLLIN */);
      char answer[4096];
      while (recv(pair.ends[1], answer, sizeof answer, 0) > 0) {
      }
      if (count <= 0)
        break;
    }
    connection->close(Status(StatusCode::Unavailable, "the input ended"));
  });
  return 0;
}
