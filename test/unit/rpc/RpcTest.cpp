//===- RpcTest.cpp - Calls between a channel and a server -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCertificates.h"
#include "TestServer.h"

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

TEST(Rpc, EchoesOverMutualTls) {
  TestCertificates certificates;
  TlsIdentity identity = *readTlsIdentity(certificates.folder("ours"));
  RpcServerOptions options;
  options.tls = *TlsContext::create(identity, TlsContext::End::Server);
  std::string name;
  TestServer server(
      [&](const std::shared_ptr<ServerCall> &call) {
        name = call->peer().certificateName;
        echo(call);
      },
      options);
  ChannelOptions client;
  client.tls = *TlsContext::create(identity, TlsContext::End::Client);
  TestClient channel(server.server->address(), client);
  for (size_t size : {0, 12000, 600000}) {
    Result<Bytes> answer = channel.call("/test/echo", std::string(size, 'x'));
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->size(), size);
  }
  EXPECT_EQ(name, "127.0.0.1");
}
