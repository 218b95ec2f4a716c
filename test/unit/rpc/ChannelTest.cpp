//===- ChannelTest.cpp - Calls to servers that fail -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Proxy.h"
#include "TestServer.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

/// A server that greets, and answers the first call with these bytes.
class ScriptedServer {
public:
  explicit ScriptedServer(std::string answer, bool closes = false)
      : server([answer, closes](RawSocket peer) {
          peer.send(frame(SettingsFrame, 0, 0, "") +
                    frame(SettingsFrame, Ack, 0, ""));
          std::string seen;
          while (!hasCall(seen) && !peer.closed)
            seen += peer.receive(20);
          peer.send(answer);
          if (!closes)
            peer.receive(2000);
        }) {}

  Status answer() {
    ChannelOptions options;
    options.largestReply = 1000;
    TestClient client(server.address, options);
    Result<Bytes> answer = client.call("/test/echo", std::string("x"), in(3s));
    EXPECT_FALSE(answer.ok());
    return answer.ok() ? Status() : answer.status();
  }

private:
  static bool hasCall(const std::string &bytes) {
    constexpr size_t preface = 24;
    if (bytes.size() < preface)
      return false;
    for (const ReceivedFrame &frame : parseFrames(bytes.substr(preface)))
      if (frame.type == DataFrame && (frame.flags & EndStream))
        return true;
    return false;
  }

  RawServer server;
};

const auto okFields =
    fields({{":status", "200"}, {"content-type", "application/grpc"}});
const auto okTrailers = fields({{"grpc-status", "0"}});

/// A whole answer, but for what a test leaves out.
std::string reply(const std::string &message) {
  return frame(HeadersFrame, EndHeaders, 1, okFields) +
         frame(DataFrame, 0, 1, message) +
         frame(HeadersFrame, EndHeaders | EndStream, 1, okTrailers);
}

} // namespace

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

TEST(Channel, AnswerWithoutGrpcStatus) {
  // This aborted a coordinator that used Debian's gRPC.
  ScriptedServer server(
      frame(HeadersFrame, EndHeaders | EndStream, 1, okFields));
  Status status = server.answer();
  EXPECT_EQ(status.code(), StatusCode::Corrupt);
  EXPECT_EQ(status.message(), "its answer has no gRPC status");
}

TEST(Channel, AnswerOfAnotherKindOfServer) {
  ScriptedServer server(
      frame(HeadersFrame, EndHeaders, 1, fields({{":status", "404"}})) +
      frame(DataFrame, EndStream, 1, "<html>"));
  EXPECT_NE(server.answer().message().find("HTTP status 404"),
            std::string::npos);
}

TEST(Channel, AnswersThatAreMalformed) {
  for (const std::string &bad :
       {reply(prefix(5) + "abc"), reply(prefix(2) + "abc"), reply(""),
        reply(prefix(1) + "a" + prefix(1) + "b"),
        frame(HeadersFrame, EndHeaders, 1, "\xff\xff\xff\xff"),
        frame(HeadersFrame, EndHeaders | EndStream, 1,
              fields({{":status", "200"}, {"grpc-status", "x"}})),
        frame(DataFrame, EndStream, 1, "no headers")}) {
    StatusCode code = ScriptedServer(bad).answer().code();
    EXPECT_TRUE(code == StatusCode::Corrupt || code == StatusCode::Unavailable)
        << int(code);
  }
}

TEST(Channel, AnswerThatIsCompressed) {
  std::string compressed = prefix(1) + "x";
  compressed[0] = 1;
  EXPECT_EQ(ScriptedServer(reply(compressed)).answer().code(),
            StatusCode::Unsupported);
}

TEST(Channel, AnswerThatIsTooLong) {
  ScriptedServer server(frame(HeadersFrame, EndHeaders, 1, okFields) +
                        frame(DataFrame, 0, 1, prefix(UINT32_MAX) + "x"));
  Status status = server.answer();
  EXPECT_EQ(status.code(), StatusCode::ResourceExhausted);
  EXPECT_NE(status.message().find("4294967295 bytes; the most here is 1000"),
            std::string::npos);
}

TEST(Channel, ErrorsKeepTheirCodeAndWords) {
  ScriptedServer server(
      frame(HeadersFrame, EndHeaders | EndStream, 1,
            fields({{":status", "200"},
                    {"grpc-status", "9"},
                    {"grpc-message", "another%20bundle%0A50%25 %x %1B[2J"}})));
  Status status = server.answer();
  EXPECT_EQ(status.code(), StatusCode::Mismatch);
  EXPECT_EQ(status.message().rfind("another bundle", 0), 0u);
  EXPECT_EQ(status.message().find('\n'), std::string::npos);
  EXPECT_EQ(status.message().find('\x1b'), std::string::npos);
}

TEST(Channel, ServerThatClosesInMidAnswer) {
  ScriptedServer server(frame(HeadersFrame, EndHeaders, 1, okFields),
                        /*closes=*/true);
  Status status = server.answer();
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message(), "it closed the connection");
}

TEST(Channel, ServerThatSpeaksSomethingElse) {
  RawServer server([](RawSocket peer) {
    peer.send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    peer.receive(1000);
  });
  TestClient client(server.address);
  Result<Bytes> answer = client.call("/test/echo", std::string("x"));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), StatusCode::Unavailable);
  EXPECT_NE(answer.status().message().find("HTTP/2"), std::string::npos)
      << answer.status().message();
}

//===----------------------------------------------------------------------===//
// Deadlines and cancelling
//===----------------------------------------------------------------------===//

TEST(Channel, DeadlinesAreKept) {
  TestServer server([](const std::shared_ptr<ServerCall> &call) {
    call->onCancel([call] {});
  });
  TestClient client(server.server->address());
  Deadline begin = Deadline::clock::now();
  Result<Bytes> answer = client.call("/test/echo", std::string("x"), in(50ms));
  EXPECT_EQ(answer.status().code(), StatusCode::DeadlineExceeded);
  EXPECT_LT(Deadline::clock::now() - begin, 1s);
  answer = client.call("/test/echo", std::string("x"), in(-1s));
  EXPECT_EQ(answer.status().code(), StatusCode::DeadlineExceeded);
}

TEST(Channel, CancelledCallsAreNotToldOf) {
  std::promise<void> cancelled;
  TestServer server([&](const std::shared_ptr<ServerCall> &call) {
    if (text(call->message()) == "wait")
      call->onCancel([&cancelled, call] { cancelled.set_value(); });
    else
      echo(call);
  });
  TestClient client(server.server->address());
  std::future<Result<Bytes>> waits =
      client.start("/test/echo", std::string("wait"));
  while (server.handler.calls == 0)
    std::this_thread::sleep_for(1ms);
  client.cancelLast();
  // The server hears of it, and the connection lives on.
  EXPECT_EQ(cancelled.get_future().wait_for(2s), std::future_status::ready);
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
  EXPECT_THROW(waits.get(), std::future_error);
}

TEST(Channel, CancellingALongMessageHarmsNoOther) {
  TestServer server;
  TestClient client(server.server->address());
  ASSERT_TRUE(client.reaches(Channel::State::Ready));
  for (int i = 0; i < 50; ++i) {
    auto cancelled = client.start("/test/echo", std::string(1 << 20, 'a'));
    client.cancelLast();
    auto kept = client.start("/test/echo", std::string(100000, 'b'));
    Result<Bytes> answer = kept.get();
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(text(answer->span()), std::string(100000, 'b'));
  }
}

//===----------------------------------------------------------------------===//
// Connections that are not there or get lost
//===----------------------------------------------------------------------===//

TEST(Channel, NobodyListens) {
  std::string address = TestServer().server->address();
  TestClient client(address);
  Result<Bytes> answer = client.call("/test/echo", std::string("x"));
  EXPECT_EQ(answer.status().code(), StatusCode::Unavailable);
  EXPECT_NE(answer.status().message().find("nobody listens"),
            std::string::npos);
  EXPECT_TRUE(client.reaches(Channel::State::Down));
  // And it comes: within a second the channel is ready.
  RpcServerOptions options;
  options.address = address;
  TestServer server(echo, options);
  EXPECT_TRUE(client.reaches(Channel::State::Ready, 1100ms));
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
}

TEST(Channel, ADeadServerIsNoticedAtOnce) {
  auto server =
      std::make_unique<TestServer>([](const std::shared_ptr<ServerCall> &call) {
        call->onCancel([call] {});
      });
  TestClient client(server->server->address());
  auto answer = client.start("/test/echo", std::string("x"));
  while (server->handler.calls == 0)
    std::this_thread::sleep_for(1ms);
  server.reset();
  ASSERT_EQ(answer.wait_for(500ms), std::future_status::ready);
  EXPECT_EQ(answer.get().status().code(), StatusCode::Unavailable);
}

TEST(Channel, ABlackHoleIsNoticedByKeepalive) {
  TestServer server([](const std::shared_ptr<ServerCall> &call) {
    call->onCancel([call] {});
  });
  Proxy link(server.server->address());
  ChannelOptions options;
  options.pingAfter = options.pingTimeout = 100ms;
  TestClient client(link.address(), options);
  auto answer = client.start("/test/echo", std::string("x"));
  while (server.handler.calls == 0)
    std::this_thread::sleep_for(1ms);
  link.stopped = true;
  ASSERT_EQ(answer.wait_for(1s), std::future_status::ready);
  Status status = answer.get().status();
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_NE(status.message().find("silent for"), std::string::npos);
}

TEST(Channel, AServerThatWantsFewerPingsGetsFewer) {
  const std::string greeting =
      frame(SettingsFrame, 0, 0, "") + frame(SettingsFrame, Ack, 0, "");
  const std::string calm =
      std::string("\0\0\0\0\0\0\0\x0b", 8) + "too_many_pings";
  std::atomic<int> connections{0};
  std::promise<bool> pingedWhenIdle, pingedWhenBusy;
  RawServer server([&](RawSocket peer) {
    const int connection = ++connections;
    char magic[24];
    recv(peer.descriptor, magic, sizeof magic, MSG_WAITALL);
    peer.send(greeting);
    if (connection == 1) {
      std::string heard;
      while (!peer.closed && !hasFrame(heard, PingFrame, 0))
        heard += peer.receive(10);
      peer.send(frame(GoawayFrame, 0, 0, calm));
    } else if (connection == 2) {
      pingedWhenIdle.set_value(hasFrame(peer.receive(400), PingFrame, 0));
      pingedWhenBusy.set_value(hasFrame(peer.receive(400), PingFrame, 0));
    }
  });
  ChannelOptions options;
  options.pingAfter = 20ms;
  options.calmPingAfter = 100ms;
  TestClient client(server.address, options);
  EXPECT_FALSE(pingedWhenIdle.get_future().get());
  client.call("/test/echo", std::string("x"), in(300ms));
  EXPECT_TRUE(pingedWhenBusy.get_future().get());
}

TEST(Channel, ALinkThatComesBackIsUsedWithinASecond) {
  TestServer server;
  Proxy link(server.server->address());
  ChannelOptions options;
  options.pingAfter = options.pingTimeout = 100ms;
  options.handshakeTimeout = 200ms;
  TestClient client(link.address(), options);
  ASSERT_TRUE(client.call("/test/echo", std::string("x")).ok());
  link.stopped = true;
  ASSERT_TRUE(client.reaches(Channel::State::Down, 2s));
  std::this_thread::sleep_for(2s);
  link.stopped = false;
  EXPECT_TRUE(client.reaches(Channel::State::Ready, 1100ms));
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
}

TEST(Channel, ASlowLinkIsNoDeadOne) {
  // A message of two seconds' sending, and pings that wait behind it.
  std::atomic<size_t> received{0};
  std::atomic<bool> over{false};
  RawServer server([&](RawSocket peer) {
    peer.send(
        frame(SettingsFrame, 0, 0, std::string("\0\4\x7f\xff\xff\xff", 6)) +
        frame(SettingsFrame, Ack, 0, "") +
        frame(FrameType(8), 0, 0, std::string("\x7f\0\0\0", 4)));
    char buffer[100000];
    for (ssize_t count;
         !over && (count = recv(peer.descriptor, buffer, sizeof buffer, 0)) > 0;
         std::this_thread::sleep_for(10ms))
      received += size_t(count);
  });
  ChannelOptions options;
  options.pingAfter = options.pingTimeout = 500ms;
  TestClient client(server.address, options);
  ASSERT_TRUE(client.reaches(Channel::State::Ready));
  Result<Bytes> answer =
      client.call("/test/echo", std::string(60 << 20, 'x'), in(3s));
  over = true;
  EXPECT_EQ(answer.status().code(), StatusCode::DeadlineExceeded)
      << answer.status().message();
  EXPECT_GT(received, 100000u);
}

TEST(Channel, AFullChannelIsNoDeadOne) {
  // Others fill it: nothing comes through for two seconds, by default.
  TestServer server;
  Proxy link(server.server->address());
  ChannelOptions options;
  options.pingAfter = 50ms;
  TestClient client(link.address(), options);
  ASSERT_TRUE(client.call("/test/echo", std::string("x")).ok());
  link.stopped = true;
  auto answer = client.start("/test/echo", std::string("y"));
  std::this_thread::sleep_for(2200ms);
  link.stopped = false;
  Result<Bytes> bytes = answer.get();
  EXPECT_TRUE(bytes.ok()) << bytes.status().message();
}

TEST(Channel, AServerThatLeavesIsFollowed) {
  TestServer server;
  TestClient client(server.server->address());
  ASSERT_TRUE(client.call("/test/echo", std::string("x")).ok());
  std::string address = server.server->address();
  std::thread stopping([&] { server.server->stop(5s); });
  stopping.join();
  server.server.reset();
  RpcServerOptions options;
  options.address = address;
  TestServer next(echo, options);
  ASSERT_TRUE(client.reaches(Channel::State::Ready, 1100ms));
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
}

TEST(Channel, FlippedBitsAreErrorsAtWorst) {
  TestServer server;
  Proxy link(server.server->address());
  link.flipped = 20;
  ChannelOptions options;
  options.pingAfter = options.pingTimeout = 100ms;
  options.firstBackoff = options.longestBackoff = 1ms;
  options.handshakeTimeout = 100ms;
  TestClient client(link.address(), options);
  int answered = 0;
  for (int i = 0; i < 2000; ++i)
    answered +=
        client.call("/test/echo", std::string(size_t(i), 'x'), in(100ms)).ok();
  EXPECT_GT(answered, 500);
}
