//===- Tls.cpp - Mutual TLS from a folder of certificates -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Tls.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <sstream>
#include <vector>

using namespace lcp;
using namespace lcp::rt;

namespace {

template <auto Free> struct FreeWith {
  template <typename T> void operator()(T *object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContext =
    std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

void freeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using Stack = std::unique_ptr<STACK_OF(X509), FreeWith<freeStack>>;

} // namespace

static Result<std::string> readFile(const std::string &path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()))
    return Status(StatusCode::NotFound,
                  path + ": cannot read it: " +
                      (errno ? std::strerror(errno) : "it is empty") +
                      " (--tls needs ca.pem, cert.pem and key.pem)");
  return text.str();
}

static Bio openMemory(const std::string &pem) {
  return Bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
}

static Result<std::vector<Certificate>>
parseCertificates(const std::string &pem, const std::string &path) {
  std::vector<Certificate> certificates;
  Bio bio = openMemory(pem);
  while (X509 *next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    certificates.emplace_back(next);
  ERR_clear_error();
  if (certificates.empty())
    return Status(StatusCode::Corrupt, path + ": no PEM certificate in it");
  return certificates;
}

/// A key that asks for a password is refused: nobody is there to type it.
static int noPassword(char *, int, int, void *) { return -1; }

static Result<Key> parseKey(const std::string &pem, const std::string &path) {
  Bio bio = openMemory(pem);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassword, nullptr));
  ERR_clear_error();
  if (!key)
    return Status(StatusCode::Corrupt,
                  path + ": no PEM private key without a password in it");
  return key;
}

/// Checks the first of `chain` against `authorities`; the others of `chain`
/// may help.
static Status verifyChain(const std::vector<Certificate> &chain,
                          const std::vector<Certificate> &authorities,
                          const std::string &path) {
  Store store(X509_STORE_new());
  for (const Certificate &authority : authorities)
    X509_STORE_add_cert(store.get(), authority.get());
  Stack untrusted(sk_X509_new_null());
  for (size_t i = 1; i < chain.size(); ++i)
    sk_X509_push(untrusted.get(), chain[i].get());
  StoreContext context(X509_STORE_CTX_new());
  if (!X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(),
                           untrusted.get()))
    return Status(StatusCode::Internal, path + ": cannot be checked");
  if (X509_verify_cert(context.get()) == 1)
    return Status();
  int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return Status(StatusCode::Untrusted,
                path + ": the certificate does not hold against ca.pem: " +
                    X509_verify_cert_error_string(error));
}

Result<TlsIdentity> lcp::rt::readTlsIdentity(const std::string &folder) {
  std::string caPath = folder + "/ca.pem", certPath = folder + "/cert.pem",
              keyPath = folder + "/key.pem";
  TlsIdentity identity;
  LCP_ASSIGN_OR_RETURN(identity.authority, readFile(caPath));
  LCP_ASSIGN_OR_RETURN(identity.certificate, readFile(certPath));
  LCP_ASSIGN_OR_RETURN(identity.key, readFile(keyPath));
  LCP_ASSIGN_OR_RETURN(std::vector<Certificate> authorities,
                       parseCertificates(identity.authority, caPath));
  LCP_ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                       parseCertificates(identity.certificate, certPath));
  LCP_ASSIGN_OR_RETURN(Key key, parseKey(identity.key, keyPath));
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return Status(StatusCode::Untrusted,
                  keyPath + ": not the key of the certificate in cert.pem");
  }
  LCP_RETURN_IF_ERROR(verifyChain(chain, authorities, certPath));
  return identity;
}
