//===- TestCertificates.h - Two little authorities --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_RPC_TESTCERTIFICATES_H
#define LCP_TEST_UNIT_RPC_TESTCERTIFICATES_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace lcp::rt::test {

inline std::string readText(const std::string &path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Folders "ours" and "theirs" as --tls takes them, each with an authority of
/// its own, made by the openssl program and removed at the end.
class TestCertificates {
public:
  TestCertificates() {
    char name[] = "/tmp/lcp-tls-XXXXXX";
    root = mkdtemp(name);
    for (const char *owner : {"ours", "theirs"})
      make(folder(owner));
  }
  ~TestCertificates() { std::filesystem::remove_all(root); }

  std::string folder(const std::string &name) const {
    return root + "/" + name;
  }

  /// A copy of folder `name` that a test may change.
  std::string copy(const std::string &name, const std::string &to) const {
    std::filesystem::copy(folder(name), folder(to));
    return folder(to);
  }

  /// Another certificate for the key of folder `name`, as PEM. `arguments` are
  /// openssl x509's.
  std::string issue(const std::string &name, const std::string &arguments) {
    run(folder(name), "x509 -req -in device.csr -CA ca.pem -CAkey ca.key "
                      "-CAcreateserial -extfile san -out other.pem " +
                          arguments);
    return readText(folder(name) + "/other.pem");
  }

  /// The list that takes the folder's certificate back, as PEM.
  std::string revoke(const std::string &name) {
    const std::string at = folder(name);
    std::ofstream(at + "/ca.conf")
        << "[ca]\ndefault_ca=a\n[a]\ndatabase=" << at
        << "/index\ndefault_md=sha256\ndefault_crl_days=2\n";
    std::ofstream(at + "/index") << "";
    const std::string files = " -config ca.conf -keyfile ca.key -cert ca.pem ";
    run(at, "ca" + files + "-revoke cert.pem");
    run(at, "ca" + files + "-gencrl -out crl-made.pem");
    return readText(at + "/crl-made.pem");
  }

private:
  static void make(const std::string &folder) {
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/san") << "subjectAltName=IP:127.0.0.1\n";
    run(folder, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                "-days 2 -subj /CN=authority -keyout ca.key -out ca.pem");
    run(folder, "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                "-subj /CN=device -keyout key.pem -out device.csr");
    run(folder, "x509 -req -in device.csr -CA ca.pem -CAkey ca.key "
                "-CAcreateserial -days 2 -extfile san -out cert.pem");
  }
  static void run(const std::string &folder, const std::string &arguments) {
    std::string command =
        "cd " + folder + " && openssl " + arguments + " >log 2>&1";
    if (std::system(command.c_str()) != 0)
      std::abort();
  }

  std::string root;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_RPC_TESTCERTIFICATES_H
