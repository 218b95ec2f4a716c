//===- RpcTlsTest.cpp - Who may talk to whom ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RawHttp2.h"
#include "TestCertificates.h"
#include "TestServer.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using End = TlsContext::End;

namespace {

class RpcTls : public testing::Test {
protected:
  static void SetUpTestSuite() { certificates = new TestCertificates(); }
  static void TearDownTestSuite() { delete certificates; }
  static TestCertificates *certificates;

  static TlsIdentity identity(const std::string &name) {
    return *readTlsIdentity(certificates->folder(name));
  }
  static std::shared_ptr<const TlsContext> context(const TlsIdentity &identity,
                                                   End end) {
    return *TlsContext::create(identity, end);
  }
  static RpcServerOptions serverOptions(const TlsIdentity &identity) {
    RpcServerOptions options;
    options.tls = context(identity, End::Server);
    return options;
  }
  static ChannelOptions clientOptions(const TlsIdentity &identity) {
    ChannelOptions options;
    options.tls = context(identity, End::Client);
    return options;
  }
  /// Why a call fails; empty if it does not.
  static std::string failure(const TestServer &server,
                             const ChannelOptions &options) {
    TestClient client(server.server->address(), options);
    Result<Bytes> answer = client.call("/test/echo", std::string("x"));
    return answer.ok() ? "" : answer.status().message();
  }
  /// An identity of "ours" whose certificate is made with these arguments.
  static TlsIdentity reissue(const std::string &arguments) {
    TlsIdentity made = identity("ours");
    made.certificate = certificates->issue("ours", arguments);
    return made;
  }
};

TestCertificates *RpcTls::certificates = nullptr;

} // namespace

TEST_F(RpcTls, BothEndsProveThemselves) {
  std::string name;
  TestServer server(
      [&](const std::shared_ptr<ServerCall> &call) {
        name = call->peer().certificateName;
        echo(call);
      },
      serverOptions(identity("ours")));
  TestClient client(server.server->address(), clientOptions(identity("ours")));
  for (size_t size : {0, 12000, 600000}) {
    Result<Bytes> answer = client.call("/test/echo", std::string(size, 'x'));
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->size(), size);
  }
  EXPECT_EQ(name, "127.0.0.1");
}

TEST_F(RpcTls, AnotherAuthority) {
  TestServer server(echo, serverOptions(identity("ours")));
  // Each end sees it in its own way.
  EXPECT_NE(failure(server, clientOptions(identity("theirs")))
                .find("not signed by our ca.pem"),
            std::string::npos);
  TlsIdentity mixed = identity("theirs");
  mixed.authority = identity("ours").authority;
  std::string seen = failure(server, clientOptions(mixed));
  EXPECT_NE(seen.find("does not accept our certificate"), std::string::npos)
      << seen;
  EXPECT_TRUE(server.logs("turned away: its certificate was not signed by our "
                          "ca.pem"));
}

TEST_F(RpcTls, AClientTakesUpOtherCertificates) {
  TestServer server(echo, serverOptions(identity("ours")));
  TestClient client(server.server->address(), clientOptions(identity("ours")));
  ASSERT_TRUE(client.reaches(Channel::State::Ready));
  auto setTls = [&](const std::string &name) {
    client.loop->runAndWait(
        [&] { client.channel->setTls(context(identity(name), End::Client)); });
  };
  setTls("ours");
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
  // The connection that is there is no exception.
  setTls("theirs");
  EXPECT_TRUE(client.reaches(Channel::State::Down));
  EXPECT_FALSE(client.call("/test/echo", std::string("x")).ok());
  setTls("ours");
  EXPECT_TRUE(client.reaches(Channel::State::Ready));
  EXPECT_TRUE(client.call("/test/echo", std::string("x")).ok());
}

TEST_F(RpcTls, ExpiredIsNotWronglySigned) {
  TlsIdentity expired = reissue("-days -1");
  TestServer server(echo, serverOptions(expired));
  EXPECT_EQ(failure(server, clientOptions(identity("ours"))),
            "its certificate has expired");
  TestServer good(echo, serverOptions(identity("ours")));
  std::string seen = failure(good, clientOptions(expired));
  EXPECT_NE(seen.find("expired, or not valid yet by its clock"),
            std::string::npos)
      << seen;
}

TEST_F(RpcTls, ACertificateForAnotherAddress) {
  TestServer server(echo, serverOptions(identity("ours")));
  ChannelOptions options = clientOptions(identity("ours"));
  options.certificateName = "pi7.local";
  EXPECT_NE(failure(server, options).find("is for another address"),
            std::string::npos);
  options.certificateName = "127.0.0.1";
  EXPECT_EQ(failure(server, options), "");
}

TEST_F(RpcTls, OneEndWithoutTls) {
  TestServer tls(echo, serverOptions(identity("ours")));
  EXPECT_NE(failure(tls, {}), "");
  EXPECT_TRUE(tls.logs("it does not use TLS, and we do"));
  TestServer plain;
  EXPECT_NE(failure(plain, clientOptions(identity("ours"))), "");
  EXPECT_TRUE(plain.logs("does not speak HTTP/2"));
}

TEST_F(RpcTls, NoCertificate) {
  TestServer server(echo, serverOptions(identity("ours")));
  std::string command = "openssl s_client -alpn h2 -connect " +
                        server.server->address() +
                        " </dev/null >/dev/null 2>&1";
  (void)!std::system(command.c_str());
  EXPECT_TRUE(server.logs("it showed no certificate"));
}

TEST_F(RpcTls, ARevokedCertificateIsRefusedFromThenOn) {
  TestServer server(echo, serverOptions(identity("ours")));
  TestClient client(server.server->address(), clientOptions(identity("ours")));
  ASSERT_TRUE(client.call("/test/echo", std::string("x")).ok());
  TlsIdentity revoking = identity("ours");
  revoking.revoked = certificates->revoke("ours");
  server.server->setTls(context(revoking, End::Server));
  // The connection there was is gone, and no other is made.
  EXPECT_TRUE(client.reaches(Channel::State::Down, 2s));
  for (int i = 0;
       i < 200 && client.reason().find("revoked") == std::string::npos; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(client.reason(),
            "it does not accept our certificate: it was revoked");
  EXPECT_TRUE(server.logs("revoked by our crl.pem"));
}
