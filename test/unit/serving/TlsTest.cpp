//===- TlsTest.cpp - Who may talk to a server -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCertificates.h"
#include "TestModels.h"

#include <fstream>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

class TlsTest : public testing::Test {
protected:
  static void SetUpTestSuite() { certificates = new TestCertificates(); }
  static void TearDownTestSuite() { delete certificates; }
  static TestCertificates *certificates;

  /// The status of a request made by whoever has this identity.
  static Status ask(const std::string &address,
                    const std::optional<TlsIdentity> &identity) {
    ChannelOptions options;
    if (identity)
      options.tls = *TlsContext::create(*identity, TlsContext::End::Client);
    inference::ModelInferResponse response;
    return infer(*connectTo(address, options), makeRequest({1, 2, 3, 4}),
                 response);
  }
};

TestCertificates *TlsTest::certificates = nullptr;

} // namespace

TEST_F(TlsTest, BothEndsMustProveThemselves) {
  auto ours = readTlsIdentity(certificates->folder("ours"));
  auto theirs = readTlsIdentity(certificates->folder("theirs"));
  ASSERT_TRUE(ours.ok()) << ours.status().message();
  ASSERT_TRUE(theirs.ok()) << theirs.status().message();
  ServerOptions options;
  options.tls = *ours;
  auto server = serve(makeDoubler(), options);
  ASSERT_TRUE(server);
  const std::string &address = server->address();

  Status good = ask(address, *ours);
  EXPECT_TRUE(good.ok()) << good.message();
  EXPECT_FALSE(ask(address, *theirs).ok())
      << "the client does not trust the server";
  TlsIdentity spy = *theirs;
  spy.authority = ours->authority;
  EXPECT_FALSE(ask(address, spy).ok())
      << "the server does not trust the client";
  EXPECT_FALSE(ask(address, std::nullopt).ok());
}

TEST_F(TlsTest, AnswersOnlyThoseWhoAreAllowed) {
  auto ours = readTlsIdentity(certificates->folder("ours"));
  ASSERT_TRUE(ours.ok());
  ServerOptions options;
  options.tls = *ours;
  options.allowed = {"coordinator", "192.168.7.10"};
  std::mutex mutex;
  std::string log;
  options.log = [&](const std::string &line) {
    std::lock_guard<std::mutex> lock(mutex);
    log += line + "\n";
  };
  auto server = serve(makeDoubler(), options);
  ASSERT_TRUE(server);
  Status status = ask(server->address(), *ours);
  EXPECT_EQ(status.code(), StatusCode::Untrusted);
  EXPECT_EQ(status.message(),
            "the certificate of '127.0.0.1' may not ask here (--allow)");
  {
    std::lock_guard<std::mutex> lock(mutex);
    EXPECT_NE(log.find("(127.0.0.1): a call was refused: the certificate"),
              std::string::npos)
        << log;
  }
  options.allowed.push_back("127.0.0.1");
  server = serve(makeDoubler(), options);
  ASSERT_TRUE(server);
  EXPECT_TRUE(ask(server->address(), *ours).ok());
}

TEST_F(TlsTest, ListensBeyondLoopback) {
  auto ours = readTlsIdentity(certificates->folder("ours"));
  ASSERT_TRUE(ours.ok());
  std::vector<std::unique_ptr<Servable>> models;
  models.push_back(makeDoubler());
  auto server = startServer(std::move(models), "0.0.0.0:0", *ours);
  ASSERT_TRUE(server.ok()) << server.status().message();
  EXPECT_EQ((*server)->address().rfind("0.0.0.0:", 0), 0u);
}

TEST_F(TlsTest, NamesTheFileThatIsWrong) {
  auto problem = [](const std::string &folder) {
    auto identity = readTlsIdentity(folder);
    EXPECT_FALSE(identity.ok()) << folder;
    return identity.ok() ? "" : identity.status().message();
  };
  std::string ours = certificates->folder("ours");
  std::string theirs = certificates->folder("theirs");
  auto mixed = [&](const std::string &name, const std::string &file,
                   const std::string &contents) {
    std::string folder = certificates->copy("ours", name);
    std::ofstream(folder + "/" + file) << contents;
    return folder;
  };
  std::string folder =
      mixed("other-key", "key.pem", readText(theirs + "/key.pem"));
  EXPECT_EQ(problem(folder),
            folder + "/key.pem: not the key of the certificate in cert.pem");
  folder = mixed("other-ca", "ca.pem", readText(theirs + "/ca.pem"));
  EXPECT_EQ(problem(folder).rfind(folder + "/cert.pem: the certificate does "
                                           "not hold against ca.pem: ",
                                  0),
            0u);
  folder = mixed("no-cert", "cert.pem", "hello");
  EXPECT_EQ(problem(folder), folder + "/cert.pem: no PEM certificate in it");
  folder = mixed("no-key", "key.pem", readText(ours + "/cert.pem"));
  EXPECT_EQ(problem(folder),
            folder + "/key.pem: no PEM private key without a password in it");
  folder = mixed("empty-ca", "ca.pem", "");
  EXPECT_EQ(problem(folder), folder + "/ca.pem: cannot read it: it is empty "
                                      "(--tls needs ca.pem, cert.pem and "
                                      "key.pem)");
  EXPECT_EQ(problem("/no/such/folder"),
            "/no/such/folder/ca.pem: cannot read it: No such file or directory "
            "(--tls needs ca.pem, cert.pem and key.pem)");
}
