//===- CertificatesTest.cpp - Who is let in, by real handshakes -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Certificates.h"
#include "TestCertificates.h"
#include "runtime/rpc/Authority.h"
#include "runtime/rpc/Certificates.h"
#include "runtime/rpc/Socket.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

using Tls = std::shared_ptr<const TlsContext>;
using End = TlsContext::End;

/// What each end says of a connection; empty if all is well.
struct Handshake {
  std::string server, client, clientName;
  bool done() const { return server.empty() && client.empty(); }
};

/// Lets one end go on; its error if it has failed.
void step(Socket &end, std::string &error) {
  char byte;
  if (!error.empty())
    return;
  // The read brings what the other end thinks of our certificate (TLS 1.3).
  Socket::Outcome outcome = end.handshake();
  if (outcome == Socket::Outcome::Done)
    outcome = end.read(&byte, 1).outcome;
  if (outcome == Socket::Outcome::Failed)
    error = end.failure();
}

Handshake connect(const Tls &client, const Tls &server,
                  const std::string &host) {
  int ends[2];
  EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
  Socket accepts(ends[0], server, End::Server),
      asks(ends[1], client, End::Client);
  EXPECT_TRUE(asks.expectName(host).ok());
  Handshake result;
  for (int i = 0; i < 10; ++i) {
    step(asks, result.client);
    step(accepts, result.server);
  }
  if (std::optional<CertificateSummary> shown = accepts.peerCertificate())
    result.clientName = shown->name;
  return result;
}

class CertificatesTest : public testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/lcp-certificates-XXXXXX";
    root = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  std::string folder(const std::string &name, const char *in = "ours") const {
    return root + "/" + in + "/" + name;
  }
  std::vector<std::string> make(const std::vector<CertificateSubject> &subjects,
                                const char *in = "ours") {
    auto lines = makeCertificates(root + "/" + in, subjects);
    EXPECT_TRUE(lines.ok()) << lines.status().message();
    return lines.ok() ? *lines : std::vector<std::string>();
  }
  static Tls open(const std::string &folder, End end) {
    auto identity = readTlsIdentity(folder);
    EXPECT_TRUE(identity.ok()) << identity.status().message();
    return identity.ok() ? *TlsContext::create(*identity, end) : nullptr;
  }
  Tls worker() const { return open(folder("192.168.7.11"), End::Server); }
  Tls client(const std::string &name, const char *in = "ours") const {
    return open(folder(name, in), End::Client);
  }
  /// A client that shows a certificate which readTlsIdentity would refuse.
  static Tls show(const CertificateAndKey &own, const std::string &authority) {
    TlsIdentity identity;
    identity.authority = authority;
    openssl::Bio out(BIO_new(BIO_s_mem()));
    char *text = nullptr;
    PEM_write_bio_X509(out.get(), own.certificate.get());
    long size = BIO_get_mem_data(out.get(), &text);
    identity.certificate.assign(text, size_t(size));
    openssl::Bio key(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(key.get(), own.key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr);
    size = BIO_get_mem_data(key.get(), &text);
    identity.key.assign(text, size_t(size));
    return *TlsContext::create(identity, End::Client);
  }

  const std::vector<CertificateSubject> devices = {
      {"coordinator", {"localhost", "127.0.0.1"}},
      {"192.168.7.11", {"192.168.7.11"}},
      {"rpi-2", {"fe80::2", "rpi-2.local"}}};
  std::string root;
};

} // namespace

TEST_F(CertificatesTest, DevicesOfOneAuthorityTalk) {
  make(devices);
  Tls coordinator = client("coordinator");
  for (auto [name, host] :
       {std::pair("192.168.7.11", "192.168.7.11"),
        std::pair("rpi-2", "fe80::2"), std::pair("rpi-2", "rpi-2.local")}) {
    Handshake ends =
        connect(coordinator, open(folder(name), End::Server), host);
    EXPECT_TRUE(ends.done()) << ends.client << "; " << ends.server;
    EXPECT_EQ("localhost", ends.clientName);
  }
  Handshake ends = connect(coordinator, worker(), "192.168.7.12");
  EXPECT_EQ(0u, ends.client.rfind("its certificate is for another address", 0))
      << ends.client;
}

TEST_F(CertificatesTest, FilesThatAreThereAreKept) {
  make(devices);
  struct stat about = {};
  for (const std::string &key :
       {folder("authority") + "/ca.key", folder("rpi-2") + "/key.pem"}) {
    ASSERT_EQ(0, ::stat(key.c_str(), &about));
    EXPECT_EQ(0600u, about.st_mode & 07777) << key;
  }
  std::string before = readText(folder("rpi-2") + "/cert.pem");
  std::string authority = readText(folder("authority") + "/ca.pem");
  auto more = devices;
  more.push_back({"new", {"10.0.0.1"}});
  std::vector<std::string> lines = make(more);
  ASSERT_EQ(5u, lines.size());
  EXPECT_EQ(0u, lines[3].rfind(folder("rpi-2") + ": kept, valid until 20", 0))
      << lines[3];
  EXPECT_EQ(folder("new") + ": made", lines[4]);
  EXPECT_EQ(before, readText(folder("rpi-2") + "/cert.pem"));
  EXPECT_EQ(authority, readText(folder("authority") + "/ca.pem"));
  auto status = [&](CertificateSubject subject) {
    return makeCertificates(root + "/ours", {subject}).status().message();
  };
  const std::string remedy =
      "; remove the folder " + folder("rpi-2") + " for a new certificate";
  EXPECT_EQ(folder("rpi-2") + "/cert.pem: it is not for 10.0.0.9" + remedy,
            status({"rpi-2", {"10.0.0.9"}}));
  std::filesystem::remove(folder("rpi-2") + "/key.pem");
  EXPECT_NE(std::string::npos,
            status(devices[2]).find("/key.pem: cannot read"));
  EXPECT_EQ("'authority' cannot be the name of a machine's folder",
            status({"authority", {"10.0.0.1"}}));
  EXPECT_EQ("'a,DNS:b' is no host name or IP address",
            status({"x", {"a,DNS:b"}}));
  EXPECT_FALSE(std::filesystem::exists(folder("x")));
}

TEST_F(CertificatesTest, AnotherAuthorityIsRefusedByBothEnds) {
  make(devices);
  make(devices, "theirs");
  Handshake ends =
      connect(client("coordinator", "theirs"), worker(), "192.168.7.11");
  EXPECT_EQ("its certificate was not signed by our ca.pem", ends.client);
  EXPECT_EQ("it does not accept our certificate: does its ca.pem stand for "
            "ours?",
            ends.server);
  // A spy trusts us, and has a certificate that is not ours.
  auto stranger = createAuthority();
  ASSERT_TRUE(stranger.ok());
  ends = connect(show(*stranger, readText(folder("authority") + "/ca.pem")),
                 worker(), "192.168.7.11");
  EXPECT_EQ("its certificate was not signed by our ca.pem", ends.server);
  EXPECT_EQ("it does not accept our certificate: does its ca.pem stand for "
            "ours?",
            ends.client);
}

TEST_F(CertificatesTest, AnExpiredCertificateSaysSo) {
  auto authority = createAuthority();
  ASSERT_TRUE(authority.ok());
  auto device = issueCertificate(*authority, {"old", {"10.0.0.1"}});
  ASSERT_TRUE(device.ok());
  for (auto *time : {X509_getm_notBefore(device->certificate.get()),
                     X509_getm_notAfter(device->certificate.get())})
    ASN1_TIME_set(time, 1000000000); // In 2001.
  X509_sign(device->certificate.get(), authority->key.get(), EVP_sha256());
  make(devices);
  std::string server = folder("192.168.7.11");
  openssl::Bio out(BIO_new_file((server + "/ca.pem").c_str(), "a"));
  PEM_write_bio_X509(out.get(), authority->certificate.get());
  out.reset();
  std::filesystem::remove(server + "/crl.pem"); // Not of that authority.
  Handshake ends = connect(show(*device, readText(server + "/ca.pem")),
                           worker(), "192.168.7.11");
  EXPECT_EQ("its certificate has expired", ends.server);
  EXPECT_EQ("it does not accept our certificate: expired, or not valid yet by "
            "its clock",
            ends.client);
}

TEST_F(CertificatesTest, ARevokedDeviceIsRefused) {
  make(devices);
  Tls device = client("rpi-2");
  ASSERT_TRUE(connect(device, worker(), "192.168.7.11").done());
  auto lines = revokeCertificates(root + "/ours", "rpi-2");
  ASSERT_TRUE(lines.ok()) << lines.status().message();
  EXPECT_EQ("rpi-2: revoked (1 certificate)", (*lines)[0]);
  Handshake ends = connect(device, worker(), "192.168.7.11");
  EXPECT_EQ("its certificate was revoked by our crl.pem", ends.server);
  EXPECT_EQ("it does not accept our certificate: it was revoked", ends.client);
  EXPECT_TRUE(connect(client("coordinator"), worker(), "192.168.7.11").done());
  EXPECT_NE(std::string::npos, makeCertificates(root + "/ours", devices)
                                   .status()
                                   .message()
                                   .find("was revoked"));
  // A new certificate of the same name is good; the old one stays revoked.
  std::filesystem::rename(folder("rpi-2"), folder("old"));
  make(devices);
  EXPECT_TRUE(connect(client("rpi-2"), worker(), "192.168.7.11").done());
  EXPECT_FALSE(connect(client("old"), worker(), "192.168.7.11").done());
  EXPECT_EQ(StatusCode::NotFound,
            revokeCertificates(root + "/ours", "rpi").status().code());
}
