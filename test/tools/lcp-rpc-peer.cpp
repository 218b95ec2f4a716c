//===- lcp-rpc-peer.cpp - Either end of runtime/rpc, for other gRPCs ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lcp-rpc-peer serve [TLS-FOLDER]
//   Writes its address, then answers until standard input ends:
//   /test.Peer/Echo with the message, /test.Peer/Refuse with the message as the
//   words of an error, /test.Peer/Wait not at all; writes "cancelled" for each
//   that nobody waits for any more.
//
// lcp-rpc-peer call ADDRESS METHOD MILLISECONDS [TLS-FOLDER]
//   Calls with standard input as the message; writes the answer, or fails with
//   its error. So does call-again, which calls once more when the connection is
//   lost, as a coordinator does.
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Channel.h"
#include "runtime/rpc/RpcServer.h"

#include <cstdio>
#include <cstring>
#include <future>
#include <iostream>
#include <iterator>

using namespace lcp;
using namespace lcp::rt;

namespace {

class Peer final : public CallHandler {
public:
  std::optional<uint64_t> largestMessage(std::string_view method) override {
    if (method.rfind("/test.Peer/", 0) != 0)
      return std::nullopt;
    return 8 << 20;
  }

  void handle(std::shared_ptr<ServerCall> call) override {
    std::string message(reinterpret_cast<const char *>(call->message().data()),
                        call->message().size());
    if (call->method() == "/test.Peer/Refuse")
      return call->finish(Status(StatusCode::Mismatch, message), {});
    if (call->method() != "/test.Peer/Wait")
      return call->finish(Status(), Message(std::move(message)));
    call->onCancel([call] {
      std::puts("cancelled");
      std::fflush(stdout);
    });
  }
};

} // namespace

static int fail(const Status &status) {
  std::fprintf(stderr, "%s: %s\n",
               std::string(statusCodeName(status.code())).c_str(),
               status.message().c_str());
  return 1;
}

static Result<std::shared_ptr<const TlsContext>> readTls(const char *folder,
                                                         TlsContext::End end) {
  if (!folder)
    return std::shared_ptr<const TlsContext>();
  LCP_ASSIGN_OR_RETURN(TlsIdentity identity, readTlsIdentity(folder));
  return TlsContext::create(identity, end);
}

static std::string readInput() {
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

static int serve(const char *tlsFolder) {
  auto tls = readTls(tlsFolder, TlsContext::End::Server);
  auto loop = EventLoop::start("server");
  if (!tls.ok() || !loop.ok())
    return fail(tls.ok() ? loop.status() : tls.status());
  Peer peer;
  RpcServerOptions options;
  options.address = "127.0.0.1:0";
  options.tls = *tls;
  auto server = RpcServer::start(**loop, peer, options);
  if (!server.ok())
    return fail(server.status());
  std::puts((*server)->address().c_str());
  std::fflush(stdout);
  readInput();
  return 0;
}

static int call(bool again, const char *address, const char *method,
                const char *milliseconds, const char *tlsFolder) {
  auto tls = readTls(tlsFolder, TlsContext::End::Client);
  auto loop = EventLoop::start("client");
  auto endpoint = resolveAddress(address);
  if (!tls.ok() || !loop.ok() || !endpoint.ok())
    return fail(!tls.ok()    ? tls.status()
                : !loop.ok() ? loop.status()
                             : endpoint.status());
  ChannelOptions options;
  options.tls = *tls;
  options.largestReply = 8 << 20;
  Message message(readInput());
  Deadline deadline = Deadline::clock::now() +
                      std::chrono::milliseconds(std::atoi(milliseconds));
  std::unique_ptr<Channel> channel;
  (*loop)->runAndWait(
      [&] { channel = std::make_unique<Channel>(**loop, *endpoint, options); });
  auto ask = [&] {
    std::promise<Result<Bytes>> answered;
    (*loop)->runAndWait([&] {
      channel->call(method, message, deadline, [&](Result<Bytes> answer) {
        answered.set_value(std::move(answer));
      });
    });
    return answered.get_future().get();
  };
  Result<Bytes> answer = ask();
  if (again && !answer.ok() &&
      answer.status().code() == StatusCode::Unavailable)
    answer = ask();
  (*loop)->runAndWait([&] { channel.reset(); });
  if (!answer.ok())
    return fail(answer.status());
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return 0;
}

int main(int argc, char **argv) {
  if (argc >= 2 && std::strcmp(argv[1], "serve") == 0)
    return serve(argc > 2 ? argv[2] : nullptr);
  const bool again = argc >= 2 && std::strcmp(argv[1], "call-again") == 0;
  if (argc >= 5 && (again || std::strcmp(argv[1], "call") == 0))
    return call(again, argv[2], argv[3], argv[4], argc > 5 ? argv[5] : nullptr);
  std::fputs("usage: lcp-rpc-peer serve|call|call-again …\n", stderr);
  return 2;
}
