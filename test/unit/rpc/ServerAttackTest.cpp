//===- ServerAttackTest.cpp - What strangers do to a server ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RawHttp2.h"
#include "TestCertificates.h"
#include "TestServer.h"

#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LCP_SANITIZED 1
#endif
#endif
#ifdef LCP_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

/// Resident memory of this process, in bytes; 0 under ASan, which keeps what
/// was freed: the other builds measure it.
static size_t residentBytes() {
  if (sanitized)
    return 0;
  size_t pages = 0;
  if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
    EXPECT_EQ(std::fscanf(file, "%*d %zu", &pages), 1);
    std::fclose(file);
  }
  return pages * size_t(sysconf(_SC_PAGESIZE));
}

static testing::AssertionResult answers(const std::string &address) {
  Result<Bytes> answer =
      TestClient(address).call("/test/echo", std::string("still there"));
  if (answer.ok())
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << answer.status().message();
}

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

namespace {

/// A server in a process of its own with at most `descriptors`, of which all
/// but `left` are taken if `left` is not 0.
class LimitedServer {
public:
  LimitedServer(rlim_t descriptors, int left) {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    child = fork();
    if (child == 0)
      serve(descriptors, left, pipe[1]);
    close(pipe[1]);
    char text[64] = {};
    EXPECT_GT(read(pipe[0], text, sizeof text - 1), 0);
    close(pipe[0]);
    address = text;
  }
  ~LimitedServer() {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }

  std::string address;

private:
  [[noreturn]] static void serve(rlim_t descriptors, int left, int report) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rlimit limit = {descriptors, descriptors};
    setrlimit(RLIMIT_NOFILE, &limit);
    TestServer server;
    if (left != 0) {
      std::vector<int> taken;
      for (int next; (next = open("/dev/null", O_RDONLY)) >= 0;)
        taken.push_back(next);
      for (int i = 0; i < left; ++i, taken.pop_back())
        close(taken.back());
    }
    std::string address = server.server->address();
    (void)!write(report, address.data(), address.size());
    for (;;)
      pause();
  }

  pid_t child = -1;
};

} // namespace

TEST(ServerAttack, MoreConnectionsThanDescriptors) {
  rlimit mine = {};
  getrlimit(RLIMIT_NOFILE, &mine);
  mine.rlim_cur = mine.rlim_max;
  setrlimit(RLIMIT_NOFILE, &mine);
  if (mine.rlim_cur < 1200)
    GTEST_SKIP() << "ulimit -n is " << mine.rlim_cur << ", 1200 are needed";
  LimitedServer server(1024, 0);
  std::vector<RawSocket> bare;
  for (int i = 0; i < 1100; ++i)
    bare.emplace_back(server.address);
  EXPECT_TRUE(answers(server.address));
  bare.clear();
  EXPECT_TRUE(answers(server.address));
}

TEST(ServerAttack, NoDescriptorsLeft) {
  if (sanitized)
    GTEST_SKIP() << "UBSan opens a pipe to check the object of a virtual call";
  LimitedServer server(64, 3);
  std::vector<RawSocket> bare;
  for (int i = 0; i < 20; ++i)
    bare.emplace_back(server.address);
  // Those that are too many learn it; nobody waits in vain.
  int turnedAway = 0;
  for (RawSocket &peer : bare) {
    peer.receive(100);
    turnedAway += peer.closed;
  }
  EXPECT_GE(turnedAway, 17);
  bare.clear();
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(answers(server.address));
}

//===----------------------------------------------------------------------===//
// Connections that do nothing
//===----------------------------------------------------------------------===//

TEST(ServerAttack, StrangersMakeRoomForTheNext) {
  RpcServerOptions options;
  options.largestStrangers = 4;
  TestServer server(echo, options);
  std::vector<RawSocket> bare;
  for (int i = 0; i < 100; ++i)
    bare.emplace_back(server.server->address());
  EXPECT_TRUE(answers(server.server->address()));
  EXPECT_LE(server.server->connections(), 5u);
  EXPECT_TRUE(server.logs("had not shown who it is"));
  // A few lines for a hundred of them.
  std::string log = server.log();
  EXPECT_LT(std::count(log.begin(), log.end(), '\n'), 20) << log;
}

TEST(ServerAttack, ConnectionsAreLimited) {
  RpcServerOptions options;
  options.largestConnections = 4;
  TestServer server(echo, options);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(server.server->address()));
    EXPECT_TRUE(clients.back()->call("/test/echo", std::string("x")).ok());
  }
  EXPECT_LE(server.server->connections(), 5u);
}

TEST(ServerAttack, HandshakesThatNeverEnd) {
  TestCertificates certificates;
  RpcServerOptions options;
  options.handshakeTimeout = 100ms;
  options.tls = *TlsContext::create(
      *readTlsIdentity(certificates.folder("ours")), TlsContext::End::Server);
  TestServer tls(echo, options);
  options.tls = nullptr;
  TestServer plain(echo, options);
  for (const char *begun : {"", "\x16\x03\x01", "PRI * HTTP"})
    for (TestServer *server : {&tls, &plain}) {
      RawSocket peer(server->server->address());
      peer.send(begun);
      peer.receive(2000);
      EXPECT_TRUE(peer.closed) << begun;
      EXPECT_TRUE(server->logs("did not finish its greeting within 100 ms") ||
                  server->logs("TLS"));
    }
}

TEST(ServerAttack, IdleConnections) {
  RpcServerOptions options;
  options.idleTimeout = 200ms;
  TestServer server(echo, options);
  RawSocket peer(server.server->address());
  peer.send(clientPreface);
  EXPECT_TRUE(hasFrame(peer.receive(3000), GoawayFrame, 0));
  EXPECT_TRUE(peer.closed);
}

TEST(ServerAttack, PeersThatDoNotAnswerPings) {
  RpcServerOptions options;
  options.pingAfter = 50ms;
  options.pingTimeout = 100ms;
  TestServer server(echo, options);
  RawSocket peer(server.server->address());
  peer.send(clientPreface);
  EXPECT_TRUE(hasFrame(peer.receive(2000), PingFrame, 0));
  EXPECT_TRUE(peer.closed);
  EXPECT_TRUE(server.logs("silent for"));
}

TEST(ServerAttack, OtherProtocols) {
  TestServer server;
  for (const std::string &words :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        std::string(100, '\0')}) {
    RawSocket peer(server.server->address());
    peer.send(words);
    peer.receive(2000);
    EXPECT_TRUE(peer.closed);
  }
  EXPECT_TRUE(server.logs("does not speak HTTP/2"));
  EXPECT_TRUE(answers(server.server->address()));
}

//===----------------------------------------------------------------------===//
// Floods
//===----------------------------------------------------------------------===//

TEST(ServerAttack, AMessageThatClaimsFourGigabytes) {
  TestServer server;
  RawSocket peer(server.server->address());
  size_t before = residentBytes();
  peer.send(clientPreface + frame(HeadersFrame, EndHeaders, 1, callFields()) +
            frame(DataFrame, 0, 1, prefix(UINT32_MAX) + "x"));
  std::string said = peer.receive(300);
  EXPECT_FALSE(peer.closed);
  EXPECT_NE(errorWords(said).find("4294967295 bytes"), std::string::npos);
  EXPECT_TRUE(hasFrame(said, ResetFrame, 1));
  EXPECT_LT(residentBytes(), before + (8u << 20));
  EXPECT_EQ(server.handler.calls, 0);
  EXPECT_TRUE(server.logs(": a call was refused: "));
  // One bad call is no reason to lose the others of the connection.
  peer.send(frame(HeadersFrame, EndHeaders, 3, callFields()) +
            frame(DataFrame, EndStream, 3, prefix(2) + "hi"));
  EXPECT_TRUE(hasFrame(peer.receive(300), DataFrame, 3));
}

TEST(ServerAttack, ContinuationFlood) {
  TestServer server;
  RawSocket peer(server.server->address());
  size_t before = residentBytes();
  peer.send(clientPreface + frame(HeadersFrame, 0, 1, callFields()));
  std::string more =
      frame(ContinuationFrame, 0, 1, fields({{"a", std::string(100, 'b')}}));
  bool open = true;
  for (int i = 0; i < 100000 && open; ++i)
    open = peer.send(more);
  EXPECT_FALSE(open);
  EXPECT_LT(residentBytes(), before + (8u << 20));
  EXPECT_TRUE(answers(server.server->address()));
}

TEST(ServerAttack, HeadersWithoutEnd) {
  TestServer server;
  RawSocket peer(server.server->address());
  std::string huge = callFields();
  for (int i = 0; i < 150; ++i)
    huge += fields({{"name" + std::to_string(i), std::string(100, 'v')}});
  peer.send(clientPreface + frame(HeadersFrame, 0, 1, huge.substr(0, 16000)) +
            frame(ContinuationFrame, EndHeaders, 1, huge.substr(16000)));
  EXPECT_TRUE(hasFrame(peer.receive(300), ResetFrame, 1));
  EXPECT_EQ(server.handler.calls, 0);
}

TEST(ServerAttack, RapidReset) {
  TestServer server([](const std::shared_ptr<ServerCall> &) {});
  RawSocket peer(server.server->address());
  size_t before = residentBytes();
  bool open = peer.send(clientPreface);
  for (uint32_t id = 1; id < 100000 && open; id += 2)
    open = peer.send(frame(HeadersFrame, EndHeaders, id, callFields()) +
                     frame(DataFrame, EndStream, id, prefix(1) + "x") +
                     frame(ResetFrame, 0, id, std::string(4, '\0')));
  EXPECT_FALSE(open);
  EXPECT_LT(residentBytes(), before + (16u << 20));
  EXPECT_TRUE(server.logs("broke HTTP/2's rules"));
}

TEST(ServerAttack, PingsWhoseAnswersNobodyReads) {
  TestServer server;
  RawSocket peer(server.server->address());
  size_t before = residentBytes();
  std::string pings = clientPreface;
  for (int i = 0; i < 1000; ++i)
    pings += frame(PingFrame, 0, 0, std::string(8, 'p')) +
             frame(SettingsFrame, 0, 0, "");
  bool open = true;
  for (int i = 0; i < 2000 && open; ++i)
    open = peer.send(i == 0 ? pings : pings.substr(clientPreface.size()));
  EXPECT_FALSE(open);
  EXPECT_LT(residentBytes(), before + (8u << 20));
  EXPECT_TRUE(answers(server.server->address()));
}

TEST(ServerAttack, ManyUnfinishedMessages) {
  RpcServerOptions options;
  options.memory = 8 << 20;
  options.memoryPerPeer = 4 << 20;
  TestServer server(echo, options);
  size_t before = residentBytes();
  std::string calls = frame(SettingsFrame, Ack, 0, "");
  for (uint32_t id = 1; id < 32; id += 2) {
    calls += frame(HeadersFrame, EndHeaders, id, callFields()) +
             frame(DataFrame, 0, id, prefix(1000000) + std::string(16000, 'x'));
    for (int i = 0; i < 50; ++i)
      calls += frame(DataFrame, 0, id, std::string(16000, 'x'));
  }
  std::vector<RawSocket> peers;
  for (int i = 0; i < 20; ++i) {
    peers.emplace_back(server.server->address());
    peers.back().send(clientPreface);
    peers.back().receive(20);
    peers.back().send(calls);
  }
  EXPECT_NE(errorWords(peers.back().receive(200)).find("ask again later"),
            std::string::npos);
  EXPECT_LT(residentBytes(), before + (32u << 20));
  peers.clear();
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(answers(server.server->address()));
}

TEST(ServerAttack, MessagesThatTrickle) {
  RpcServerOptions options;
  options.messageGrace = 100ms;
  TestServer server(echo, options);
  RawSocket peer(server.server->address());
  peer.send(clientPreface + frame(HeadersFrame, EndHeaders, 1, callFields()) +
            frame(DataFrame, 0, 1, prefix(100) + "x"));
  EXPECT_NE(errorWords(peer.receive(500)).find("came too slowly"),
            std::string::npos);
}

TEST(ServerAttack, AnswersThatNobodyTakes) {
  RpcServerOptions options;
  options.memory = options.memoryPerPeer = 4 << 20;
  options.messageGrace = 200ms;
  options.slowestBytesPerSecond = 100 << 20;
  TestServer server(
      [](const std::shared_ptr<ServerCall> &call) {
        call->finish(Status(), std::string(3 << 20, 'y'));
      },
      options);
  RawSocket peer(server.server->address());
  peer.send(clientPreface);
  for (uint32_t id = 1; id < 10; id += 2)
    peer.send(frame(HeadersFrame, EndHeaders, id, callFields()) +
              frame(DataFrame, EndStream, id, prefix(1) + "x"));
  // The window of 64 KiB is all that goes out; the second answer does not fit
  // the quota, and the first is given up.
  std::string said = peer.receive(600);
  EXPECT_NE(errorWords(said).find("wait to be read"), std::string::npos);
  EXPECT_TRUE(hasFrame(said, ResetFrame, 1));
}
