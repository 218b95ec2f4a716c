//===- Tls.cpp - Mutual TLS from a folder of certificates -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Tls.h"

#include "common/base/TextFile.h"
#include "runtime/platform/CpuFeatures.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>
#include <vector>

using namespace lcp;
using namespace lcp::rt;

namespace {

template <auto Free> struct FreeWith {
  template <typename T> void operator()(T *object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContext =
    std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

void freeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using Stack = std::unique_ptr<STACK_OF(X509), FreeWith<freeStack>>;

} // namespace

static Result<std::string> readFile(const std::string &path) {
  Result<std::string> text = readTextFile(path);
  if (text.ok() && !text->empty())
    return text;
  return Status(StatusCode::NotFound,
                path + ": cannot read it: " +
                    (text.ok() ? "it is empty" : text.status().message()) +
                    " (--tls needs ca.pem, cert.pem and key.pem)");
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

static Result<RevocationList> parseRevoked(const std::string &pem,
                                           const std::string &path) {
  Bio bio = openMemory(pem);
  RevocationList list(
      PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!list)
    return Status(StatusCode::Corrupt,
                  path + ": no PEM list of revoked certificates in it");
  return list;
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

/// "1970-01-01", as a device without a battery has it at boot.
static std::string today() {
  std::time_t now = std::time(nullptr);
  std::tm parts = {};
  char text[16] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&now, &parts));
  return text;
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
  if (error == X509_V_ERR_CERT_NOT_YET_VALID)
    return Status(StatusCode::Untrusted,
                  path +
                      ": the certificate is not valid yet: is this machine's "
                      "clock right? It says " +
                      today());
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
  std::string revokedPath = folder + "/crl.pem";
  if (access(revokedPath.c_str(), F_OK) == 0) {
    LCP_ASSIGN_OR_RETURN(identity.revoked, readFile(revokedPath));
    LCP_RETURN_IF_ERROR(parseRevoked(identity.revoked, revokedPath).status());
  }
  return identity;
}

//===----------------------------------------------------------------------===//
// TlsContext
//===----------------------------------------------------------------------===//

/// Of two correct peers the server's order decides, which is the smaller device
/// as a rule: AES where the CPU has instructions for it, else ChaCha20.
static const char *cipherOrder() {
  return hasCpuFeature("aes") == CpuFeature::Present
             ? "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
             : "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
}

/// "h2", as ALPN writes it.
constexpr unsigned char http2[] = {2, 'h', '2'};

static int selectHttp2(SSL *, const unsigned char **out, unsigned char *size,
                       const unsigned char *offered, unsigned offeredSize,
                       void *) {
  unsigned char *selected = nullptr;
  if (SSL_select_next_proto(&selected, size, http2, sizeof http2, offered,
                            offeredSize) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

/// A list of revoked certificates that is out of date is better than none.
static int verifyWithOldList(int holds, X509_STORE_CTX *context) {
  int error = X509_STORE_CTX_get_error(context);
  if (holds || (error != X509_V_ERR_CRL_HAS_EXPIRED &&
                error != X509_V_ERR_CRL_NOT_YET_VALID))
    return holds;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

static Status setIdentity(SSL_CTX *context, const TlsIdentity &identity) {
  LCP_ASSIGN_OR_RETURN(std::vector<Certificate> authorities,
                       parseCertificates(identity.authority, "ca.pem"));
  LCP_ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                       parseCertificates(identity.certificate, "cert.pem"));
  LCP_ASSIGN_OR_RETURN(Key key, parseKey(identity.key, "key.pem"));
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  for (const Certificate &authority : authorities)
    X509_STORE_add_cert(store, authority.get());
  bool set = SSL_CTX_use_certificate(context, chain.front().get()) == 1 &&
             SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  for (size_t i = 1; i < chain.size(); ++i)
    set &= SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  if (!identity.revoked.empty()) {
    LCP_ASSIGN_OR_RETURN(RevocationList list,
                         parseRevoked(identity.revoked, "crl.pem"));
    set &= X509_STORE_add_crl(store, list.get()) == 1 &&
           X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
    X509_STORE_set_verify_cb(store, verifyWithOldList);
  }
  ERR_clear_error();
  return set ? Status()
             : Status(StatusCode::Untrusted,
                      "the certificate and its key cannot be used for TLS");
}

Result<std::shared_ptr<const TlsContext>>
TlsContext::create(const TlsIdentity &identity, End end) {
  SSL_CTX *raw = SSL_CTX_new(end == End::Server ? TLS_server_method()
                                                : TLS_client_method());
  if (!raw)
    return Status(StatusCode::ResourceExhausted, "no memory for TLS");
  std::shared_ptr<const TlsContext> context(new TlsContext(raw));
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                               SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Connections last; what resuming them needs would only be sent for nothing.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_ciphersuites(raw, cipherOrder());
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Several records a system call.
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_default_read_buffer_len(raw, 160 << 10);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  SSL_CTX_set_alpn_select_cb(raw, selectHttp2, nullptr);
  SSL_CTX_set_alpn_protos(raw, http2, sizeof http2);
  LCP_RETURN_IF_ERROR(setIdentity(raw, identity));
  return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(context); }
