//===- TestServer.h - A server and a client of any bytes --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_RPC_TESTSERVER_H
#define LCP_TEST_UNIT_RPC_TESTSERVER_H

#include "runtime/rpc/Channel.h"
#include "runtime/rpc/RpcServer.h"

#include <condition_variable>
#include <cstring>
#include <future>

namespace lcp::rt::test {

using namespace std::chrono_literals;

inline Deadline in(std::chrono::milliseconds time) {
  return Deadline::clock::now() + time;
}

inline std::string text(ByteSpan bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// A handler made of a lambda; its methods are "/test/…", its messages have at
/// most a megabyte.
class LambdaHandler final : public CallHandler {
public:
  using Function = std::function<void(std::shared_ptr<ServerCall>)>;
  explicit LambdaHandler(Function function) : function(std::move(function)) {}

  std::optional<uint64_t> largestMessage(std::string_view method) override {
    if (method.rfind("/test/", 0) != 0)
      return std::nullopt;
    return 1 << 20;
  }
  void handle(std::shared_ptr<ServerCall> call) override {
    ++calls;
    function(std::move(call));
  }
  void connectionClosed(const PeerIdentity &) override { ++closed; }

  std::atomic<int> calls{0}, closed{0};

private:
  Function function;
};

/// Sends the message back.
inline void echo(const std::shared_ptr<ServerCall> &call) {
  call->finish(Status(), Bytes::of(text(call->message())));
}

/// A server on a loop of its own and a free loopback port. Remembers what it
/// logs.
class TestServer {
public:
  explicit TestServer(LambdaHandler::Function function = echo,
                      RpcServerOptions options = {})
      : handler(std::move(function)), loop(*EventLoop::start("server")) {
    if (options.address.empty())
      options.address = "127.0.0.1:0";
    options.log = [this](const std::string &line) {
      std::lock_guard<std::mutex> lock(mutex);
      log_ += line + "\n";
    };
    auto started = RpcServer::start(*loop, handler, options);
    if (started.ok())
      server = *std::move(started);
  }

  std::string log() {
    std::lock_guard<std::mutex> lock(mutex);
    return log_;
  }
  /// Whether the log says so within a while.
  bool logs(const std::string &words) {
    for (int i = 0; i < 500; ++i) {
      if (log().find(words) != std::string::npos)
        return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

private:
  // Until the loop has ended.
  std::mutex mutex;
  std::string log_;

public:
  LambdaHandler handler;
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<RpcServer> server;
};

/// A channel on a loop of its own, for tests that wait for its answers.
class TestClient {
public:
  explicit TestClient(const std::string &address, ChannelOptions options = {})
      : loop(*EventLoop::start("client")) {
    Endpoint endpoint = *resolveAddress(address);
    loop->runAndWait([&] {
      channel = std::make_unique<Channel>(*loop, endpoint, options);
      channel->onStateChange([this](Channel::State state, const Status &why) {
        std::lock_guard<std::mutex> lock(mutex);
        state_ = state;
        reason_ = why;
        changed.notify_all();
      });
      state_ = channel->state();
      reason_ = channel->reason();
    });
  }
  ~TestClient() {
    loop->runAndWait([this] { channel.reset(); });
  }

  std::future<Result<Bytes>> start(const std::string &method, Message message,
                                   Deadline deadline = in(10s)) {
    auto promise = std::make_shared<std::promise<Result<Bytes>>>();
    loop->post([=] {
      last =
          channel->call(method, message, deadline, [=](Result<Bytes> answer) {
            promise->set_value(std::move(answer));
          });
    });
    return promise->get_future();
  }
  Result<Bytes> call(const std::string &method, Message message,
                     Deadline deadline = in(10s)) {
    return start(method, std::move(message), deadline).get();
  }
  void cancelLast() {
    loop->runAndWait([this] { channel->cancel(last); });
  }

  /// False if it did not come to that in time.
  bool reaches(Channel::State state, std::chrono::milliseconds time = 10s) {
    std::unique_lock<std::mutex> lock(mutex);
    return changed.wait_for(lock, time, [&] { return state_ == state; });
  }
  std::string reason() {
    std::lock_guard<std::mutex> lock(mutex);
    return reason_.message();
  }

private:
  // Until the loop has ended.
  std::mutex mutex;
  std::condition_variable changed;
  Channel::State state_;
  Status reason_;
  Channel::CallId last = 0;

public:
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<Channel> channel;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_RPC_TESTSERVER_H
