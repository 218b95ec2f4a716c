//===- RpcTest.cpp - Calls between a channel and a server -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestServer.h"

#include "runtime/rpc/GrpcFraming.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

TEST(Rpc, EchoesMessagesOfEverySize) {
  TestServer server;
  TestClient client(server.server->address());
  for (size_t size : {0, 1, 5, 1000, 16384, 65536, 300000, 1 << 20}) {
    std::string message(size, 'x');
    for (size_t i = 0; i < size; ++i)
      message[i] = char(i * 7 + i / 256);
    Result<Bytes> answer = client.call("/test/echo", message);
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(text(answer->span()), message);
  }
}

TEST(Rpc, MessagesOfManyPartsAreOne) {
  TestServer server;
  TestClient client(server.server->address());
  Bytes shared = Bytes::of(std::string(40000, 's'));
  Message message;
  for (const char *head : {"a", "", "bc"}) {
    message.append(Bytes::of(head));
    message.append(shared);
  }
  std::string many(40000, 's');
  Result<Bytes> answer = client.call("/test/echo", message);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(text(answer->span()), "a" + many + many + "bc" + many);
}

TEST(Rpc, CallsAreAnsweredInAnyOrderFromAnyThread) {
  std::mutex mutex;
  std::vector<std::shared_ptr<ServerCall>> waiting;
  TestServer server([&](std::shared_ptr<ServerCall> call) {
    std::lock_guard<std::mutex> lock(mutex);
    waiting.push_back(std::move(call));
  });
  TestClient client(server.server->address());
  std::vector<std::future<Result<Bytes>>> answers;
  answers.reserve(10);
  for (int i = 0; i < 10; ++i)
    answers.push_back(client.start("/test/echo", std::to_string(i)));
  while (server.handler.calls < 10)
    std::this_thread::sleep_for(1ms);
  std::vector<std::thread> threads;
  for (int i = 9; i >= 0; --i)
    threads.emplace_back([&, i] { echo(waiting[size_t(i)]); });
  for (std::thread &thread : threads)
    thread.join();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(text(answers[size_t(i)].get()->span()), std::to_string(i));
}

TEST(Rpc, MoreCallsThanAServerTakesAtATimeWait) {
  TestServer server;
  TestClient client(server.server->address());
  std::vector<std::future<Result<Bytes>>> answers;
  answers.reserve(500);
  for (int i = 0; i < 500; ++i)
    answers.push_back(client.start("/test/echo", std::to_string(i)));
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(text(answers[size_t(i)].get()->span()), std::to_string(i));
}

TEST(Rpc, ErrorsArriveAsTheyWere) {
  TestServer server([](const std::shared_ptr<ServerCall> &call) {
    call->finish(Status(StatusCode::Mismatch, "50 % of 'größe' differs"), {});
  });
  TestClient client(server.server->address());
  Status status = client.call("/test/echo", std::string("x")).status();
  EXPECT_EQ(status.code(), StatusCode::Mismatch);
  EXPECT_EQ(status.message(), "50 % of 'größe' differs");
}

TEST(Rpc, UnknownMethodsAndLongMessages) {
  TestServer server;
  TestClient client(server.server->address());
  EXPECT_EQ(client.call("/other/echo", std::string("x")).status().code(),
            StatusCode::Unsupported);
  Status status =
      client.call("/test/echo", std::string((1 << 20) + 1, 'x')).status();
  EXPECT_EQ(status.code(), StatusCode::ResourceExhausted);
  EXPECT_EQ(server.handler.calls, 0);
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
}

TEST(Rpc, ACallThatIsForgottenIsAnswered) {
  TestServer server([](const std::shared_ptr<ServerCall> &) {});
  TestClient client(server.server->address());
  Status status = client.call("/test/echo", std::string("x")).status();
  EXPECT_EQ(status.code(), StatusCode::Internal);
  EXPECT_EQ(status.message(), "the call was left unanswered");
}

TEST(Rpc, TheServerKeepsTheDeadlineToo) {
  std::promise<std::shared_ptr<ServerCall>> received;
  std::atomic<bool> cancelled{false};
  TestServer server([&](const std::shared_ptr<ServerCall> &call) {
    call->onCancel([&] { cancelled = true; });
    received.set_value(call);
  });
  TestClient client(server.server->address());
  auto answer = client.start("/test/echo", std::string("x"), in(100ms));
  std::shared_ptr<ServerCall> call = received.get_future().get();
  EXPECT_LT(call->deadline(), in(101ms));
  EXPECT_FALSE(call->cancelled());
  EXPECT_EQ(answer.get().status().code(), StatusCode::DeadlineExceeded);
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(call->cancelled());
  // Too late; and a callback for what has happened comes at once.
  echo(call);
  bool told = false;
  call->onCancel([&] { told = true; });
  EXPECT_TRUE(told);
}

TEST(Rpc, AServerMayHaveADeadlineOfItsOwn) {
  RpcServerOptions options;
  options.timeLimit = 100ms;
  std::vector<std::shared_ptr<ServerCall>> calls;
  TestServer server(
      [&](const std::shared_ptr<ServerCall> &call) { calls.push_back(call); },
      options);
  TestClient client(server.server->address());
  const Deadline begun = Deadline::clock::now();
  for (Deadline patience : {noDeadline, in(10s)})
    EXPECT_EQ(
        client.call("/test/echo", std::string("x"), patience).status().code(),
        StatusCode::DeadlineExceeded);
  EXPECT_GE(Deadline::clock::now() - begun, 200ms);
  EXPECT_LT(Deadline::clock::now() - begun, 2s);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_LT(calls[0]->deadline(), begun + 1s);
  EXPECT_TRUE(calls[1]->cancelled());
}

TEST(Rpc, ThePeersMistakesAreLogged) {
  TestServer server([](const std::shared_ptr<ServerCall> &call) {
    call->finish(text(call->message()) == "busy"
                     ? Status(StatusCode::ResourceExhausted, "no room")
                     : Status(StatusCode::InvalidArgument, "no such thing"),
                 Message());
  });
  TestClient client(server.server->address());
  client.call("/test/echo", std::string("busy"));
  client.call("/test/echo", std::string("wrong"));
  EXPECT_TRUE(server.logs(": a call was refused: no such thing\n"));
  EXPECT_EQ(server.log().find("no room"), std::string::npos);
}

TEST(Rpc, AConnectionThatClosesCancelsItsCalls) {
  std::promise<void> cancelled;
  TestServer server([&](const std::shared_ptr<ServerCall> &call) {
    call->onCancel([&cancelled, call] { cancelled.set_value(); });
  });
  auto client = std::make_unique<TestClient>(server.server->address());
  client->start("/test/echo", std::string("x"));
  while (server.handler.calls == 0)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(server.handler.closed, 0);
  client.reset();
  EXPECT_EQ(cancelled.get_future().wait_for(2s), std::future_status::ready);
  for (int i = 0; i < 200 && server.handler.closed == 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(server.handler.closed, 1);
  EXPECT_EQ(server.server->connections(), 0u);
}

TEST(Rpc, StoppingLetsCallsEnd) {
  std::promise<std::shared_ptr<ServerCall>> received;
  TestServer server([&](const std::shared_ptr<ServerCall> &call) {
    received.set_value(call);
  });
  TestClient client(server.server->address());
  auto answer = client.start("/test/echo", std::string("x"));
  std::shared_ptr<ServerCall> call = received.get_future().get();
  std::thread finishing([&] {
    std::this_thread::sleep_for(100ms);
    echo(call);
  });
  server.server->stop(5s);
  finishing.join();
  EXPECT_TRUE(answer.get().ok());
}

TEST(Rpc, StoppingEndsCallsThatTakeTooLong) {
  TestServer server([](const std::shared_ptr<ServerCall> &call) {
    call->onCancel([call] {});
  });
  TestClient client(server.server->address());
  auto answer = client.start("/test/echo", std::string("x"));
  while (server.handler.calls == 0)
    std::this_thread::sleep_for(1ms);
  server.server->stop(50ms);
  EXPECT_EQ(answer.get().status().code(), StatusCode::Unavailable);
}

TEST(Rpc, AnAddressThatIsTaken) {
  TestServer first;
  auto loop = *EventLoop::start("second");
  RpcServerOptions options;
  options.address = first.server->address();
  auto second = RpcServer::start(*loop, first.handler, options);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.status().message().find("in use"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Header fields
//===----------------------------------------------------------------------===//

TEST(GrpcFraming, TimeoutsComeBackAsTheyWere) {
  for (auto time : {1ms, 250ms, 10000ms, 100000000ms, 10000000000ms}) {
    Result<Deadline> parsed = parseTimeout(formatTimeout(in(time)));
    ASSERT_TRUE(parsed.ok());
    EXPECT_GE(*parsed + 1ms, in(time));
    EXPECT_LE(*parsed, in(time) + std::max(time / 1000, 1ms));
  }
  EXPECT_EQ(formatTimeout(in(-5s)), "1n");
}

TEST(GrpcFraming, TimeoutsOfOthers) {
  EXPECT_GT(*parseTimeout("1H"), in(59min));
  Deadline now = *parseTimeout("0n");
  EXPECT_LE(now, Deadline::clock::now());
  // Eleven thousand years: nobody waits that long, and no clock counts so far.
  EXPECT_EQ(*parseTimeout("99999999H"), noDeadline);
  for (const char *wrong : {"", "1", "m", "123456789m", "1x", "-1m", "1.5S"})
    EXPECT_FALSE(parseTimeout(wrong).ok()) << wrong;
}

TEST(GrpcFraming, PercentEncoding) {
  std::string words = "50 % of\n\xc3\xa4 \x7f";
  EXPECT_EQ(percentEncode(words), "50 %25 of%0A%C3%A4 %7F");
  EXPECT_EQ(percentDecode(percentEncode(words)), words);
  EXPECT_EQ(percentDecode("100% %4"), "100% %4");
}

TEST(Rpc, AServerThatMovedIsFoundByItsName) {
  // Where the name is now, and where it was.
  RpcServerOptions options;
  options.address = resolveAddress("localhost:0")->numeric;
  TestServer server(echo, options);
  const std::string at = server.server->address();
  Endpoint moved{"127.0.0.2" + at.substr(at.rfind(':')), "localhost", true};
  auto loop = *EventLoop::start("client");
  std::promise<Result<Bytes>> answered;
  std::unique_ptr<Channel> channel;
  loop->runAndWait([&] {
    channel = std::make_unique<Channel>(*loop, moved, ChannelOptions());
    channel->onStateChange([&](Channel::State state, const Status &) {
      if (state == Channel::State::Ready)
        channel->call("/test/echo", std::string("x"), in(10s),
                      [&](Result<Bytes> answer) {
                        answered.set_value(std::move(answer));
                      });
    });
  });
  auto answer = answered.get_future();
  ASSERT_EQ(answer.wait_for(20s), std::future_status::ready);
  EXPECT_TRUE(answer.get().ok());
  loop->runAndWait([&] { channel.reset(); });
}
