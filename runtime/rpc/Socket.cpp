//===- Socket.cpp - A connection's bytes, plain or over TLS ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Socket.h"

#include "common/base/Printable.h"
#include "runtime/rpc/Address.h"

#include <arpa/inet.h>
#include <cerrno>
#include <climits>
#include <cstring>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

Socket::Socket(int descriptor, std::shared_ptr<const TlsContext> context,
               TlsContext::End end)
    : descriptor_(descriptor), end(end), tls(std::move(context)) {
  int one = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (!tls)
    return;
  ssl = SSL_new(tls->get());
  BIO *in = BIO_new_socket(descriptor, BIO_NOCLOSE);
  records = BIO_new(BIO_s_mem());
  if (!ssl || !in || !records) {
    BIO_free(in);
    BIO_free(std::exchange(records, nullptr));
    SSL_free(std::exchange(ssl, nullptr));
    return;
  }
  SSL_set_bio(ssl, in, records);
  if (end == TlsContext::End::Client)
    SSL_set_connect_state(ssl);
  else
    SSL_set_accept_state(ssl);
}

Socket::Socket(Socket &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      ssl(std::exchange(other.ssl, nullptr)),
      records(std::exchange(other.records, nullptr)), sent(other.sent),
      end(other.end), shaken(other.shaken), tls(std::move(other.tls)),
      failure_(std::move(other.failure_)) {}

Socket::~Socket() {
  close();
  SSL_free(ssl);
}

void Socket::close() {
  if (descriptor_ < 0)
    return;
  // One try, for politeness: the peer then knows that nothing was cut off.
  if (ssl && shaken)
    SSL_shutdown(ssl);
  (void)drain();
  if (ssl)
    ERR_clear_error();
  // What was not read would make the system throw away what was written last,
  // which may say why the connection ends.
  char rest[4096];
  for (int i = 0; i < 16 && recv(descriptor_, rest, sizeof rest, 0) > 0; ++i) {
  }
  ::close(descriptor_);
  descriptor_ = -1;
}

Result<int> Socket::beginConnect(const std::string &numeric) {
  LCP_ASSIGN_OR_RETURN(SocketAddress address, parseNumericAddress(numeric));
  int descriptor =
      socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0)
    return Status(StatusCode::ResourceExhausted,
                  std::string("no socket: ") + std::strerror(errno));
  if (connect(descriptor, address.get(), address.size) == 0 ||
      errno == EINPROGRESS)
    return descriptor;
  std::string why = std::strerror(errno);
  ::close(descriptor);
  return Status(StatusCode::Unavailable, why);
}

Status Socket::checkConnected() const {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0)
    return Status();
  return Status(
      StatusCode::Unavailable,
      error == ECONNREFUSED
          ? "nobody listens at that address; start lcp-run --serve there"
          : std::strerror(error));
}

Status Socket::expectName(const std::string &name) {
  if (!ssl)
    return Status();
  in6_addr parsed;
  bool numeric = inet_pton(AF_INET, name.c_str(), &parsed) == 1 ||
                 inet_pton(AF_INET6, name.c_str(), &parsed) == 1;
  if (!numeric)
    SSL_set_tlsext_host_name(ssl, name.c_str());
  if (numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl),
                                              name.c_str()) == 1
              : SSL_set1_host(ssl, name.c_str()) == 1)
    return Status();
  ERR_clear_error();
  return Status(StatusCode::InvalidArgument,
                "no certificate can have the name '" + printable(name) + "'");
}

Socket::Outcome Socket::handshake() {
  if (!tls)
    return Outcome::Done;
  if (!ssl)
    return fail("no memory for TLS");
  ERR_clear_error();
  int result = SSL_do_handshake(ssl);
  Outcome made = result == 1 ? Outcome::Done : explain(result);
  Outcome drained = drain();
  if (made == Outcome::WaitsToRead && drained == Outcome::WaitsToWrite)
    return drained;
  if (made != Outcome::Done)
    return made;
  const unsigned char *protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &length);
  if (length != 2 || std::memcmp(protocol, "h2", 2) != 0)
    return fail("it does not speak HTTP/2 over TLS");
  shaken = true;
  return Outcome::Done;
}

Socket::Transfer Socket::read(void *out, size_t size) {
  if (ssl) {
    ERR_clear_error();
    size_t bytes = 0;
    int result = SSL_read_ex(ssl, out, size, &bytes);
    return {result == 1 ? Outcome::Done : explain(result), bytes};
  }
  ssize_t count = recv(descriptor_, out, size, 0);
  if (count > 0)
    return {Outcome::Done, size_t(count)};
  if (count == 0)
    return {Outcome::Ended, 0};
  if (errno == EAGAIN || errno == EINTR)
    return {Outcome::WaitsToRead, 0};
  return {fail(std::strerror(errno)), 0};
}

Socket::Transfer Socket::write(const void *data, size_t size) {
  if (!ssl)
    return sendPlain(data, size);
  // No more than one writing's worth stays here.
  if (Outcome before = drain(); before != Outcome::Done)
    return {before, 0};
  ERR_clear_error();
  size_t bytes = 0;
  while (bytes < size) {
    size_t count = 0;
    int result = SSL_write_ex(ssl, static_cast<const char *>(data) + bytes,
                              size - bytes, &count);
    if (result != 1)
      return {explain(result), bytes};
    bytes += count;
  }
  Outcome after = drain();
  return {after == Outcome::Failed ? after : Outcome::Done, bytes};
}

Socket::Outcome Socket::drain() {
  if (!records)
    return Outcome::Done;
  char *data = nullptr;
  size_t size = size_t(BIO_get_mem_data(records, &data));
  while (sent < size) {
    Transfer some = sendPlain(data + sent, size - sent);
    if (some.outcome != Outcome::Done)
      return some.outcome;
    sent += some.bytes;
  }
  if (size != 0)
    BIO_reset(records);
  sent = 0;
  return Outcome::Done;
}

Socket::Transfer Socket::sendPlain(const void *data, size_t size) {
  ssize_t count = send(descriptor_, data, size, MSG_NOSIGNAL);
  if (count >= 0)
    return {Outcome::Done, size_t(count)};
  if (errno == EAGAIN || errno == EINTR)
    return {Outcome::WaitsToWrite, 0};
  return {fail(std::strerror(errno)), 0};
}

bool Socket::hasPending() const { return ssl && SSL_has_pending(ssl); }

Socket::Outcome Socket::fail(std::string why) {
  failure_ = std::move(why);
  return Outcome::Failed;
}

Socket::Outcome Socket::explain(int result) {
  int error = errno;
  switch (SSL_get_error(ssl, result)) {
  case SSL_ERROR_WANT_READ:
    return Outcome::WaitsToRead;
  case SSL_ERROR_WANT_WRITE:
    return Outcome::WaitsToWrite;
  case SSL_ERROR_ZERO_RETURN:
    return Outcome::Ended;
  case SSL_ERROR_SYSCALL:
    if (error == 0)
      return Outcome::Ended;
    return fail(std::strerror(error));
  default:
    break;
  }
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return Outcome::Ended;
  std::string why = explainTls();
  ERR_clear_error();
  return fail(std::move(why));
}

/// What a check of the peer's certificate found.
static std::string explainCertificate(long result, TlsContext::End end) {
  bool client = end == TlsContext::End::Client;
  switch (result) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return "its certificate is for another address: subjectAltName must be the "
           "one in the cluster file";
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return "its certificate has expired";
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return "its certificate is not valid yet: is the clock of this machine "
           "right?";
  case X509_V_ERR_CERT_REVOKED:
    return "its certificate was revoked by our crl.pem";
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    return "its certificate was not signed by our ca.pem";
  default:
    return std::string("its certificate does not hold: ") +
           X509_verify_cert_error_string(result) +
           (client ? "" : " (as a client's)");
  }
}

std::string Socket::explainTls() const {
  if (long result = SSL_get_verify_result(ssl); result != X509_V_OK)
    return explainCertificate(result, end);
  unsigned long error = ERR_peek_error();
  switch (ERR_GET_REASON(error)) {
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    return "it showed no certificate";
  case SSL_R_WRONG_VERSION_NUMBER:
  case SSL_R_HTTP_REQUEST:
  case SSL_R_UNKNOWN_PROTOCOL:
    return "it does not use TLS, and we do";
  case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    return "it does not accept our certificate: does its ca.pem stand for "
           "ours?";
  case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    return "it does not accept our certificate: expired, or not valid yet by "
           "its clock";
  case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    return "it does not accept our certificate: it was revoked";
  case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
  case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    return "it does not accept our certificate";
  case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    return "it wants a certificate, and we have shown none";
  case SSL_R_NO_APPLICATION_PROTOCOL:
  case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
    return "it does not speak HTTP/2 over TLS";
  default:
    break;
  }
  const char *words = ERR_reason_error_string(error);
  return std::string("TLS failed: ") + (words ? words : "no reason given");
}

uint64_t Socket::unconfirmed() const {
  int bytes = 0;
  return ioctl(descriptor_, SIOCOUTQ, &bytes) == 0 ? uint64_t(bytes) : 0;
}

std::string Socket::peerAddress() const {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  auto *address = reinterpret_cast<sockaddr *>(&storage);
  if (getpeername(descriptor_, address, &size) != 0)
    return "a peer that is gone";
  return formatAddress(address, size);
}

std::optional<CertificateSummary> Socket::peerCertificate() const {
  X509 *certificate = ssl ? SSL_get0_peer_certificate(ssl) : nullptr;
  if (!certificate)
    return std::nullopt;
  return summarize(*certificate);
}

bool Socket::peerHolds(const TlsContext &context) const {
  X509 *certificate = ssl ? SSL_get0_peer_certificate(ssl) : nullptr;
  X509_STORE_CTX *check = X509_STORE_CTX_new();
  bool holds =
      certificate && check &&
      X509_STORE_CTX_init(check, SSL_CTX_get_cert_store(context.get()),
                          certificate, SSL_get_peer_cert_chain(ssl)) == 1 &&
      X509_verify_cert(check) == 1;
  X509_STORE_CTX_free(check);
  ERR_clear_error();
  return holds;
}
