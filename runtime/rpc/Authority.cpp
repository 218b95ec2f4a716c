//===- Authority.cpp - What signs certificates ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Authority.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/rand.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::openssl;

constexpr long secondsADay = 24 * 60 * 60;
constexpr long validDays = 3650;

static Status failed(const std::string &what) {
  char why[128];
  ERR_error_string_n(ERR_get_error(), why, sizeof(why));
  ERR_clear_error();
  return Status(StatusCode::Internal, what + ": " + why);
}

static bool addExtension(X509 *certificate, X509 *issuer, int kind,
                         const std::string &value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION *extension =
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

/// 127 random bits: no counter that must be kept, and never the same twice.
static bool setRandomSerial(X509 *certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1)
    return false;
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), nullptr);
  bool set =
      number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  return set;
}

/// A certificate with a new key, a name and a serial number.
static bool begin(CertificateAndKey &made, const std::string &name) {
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509 *certificate = made.certificate.get();
  return made.key && certificate &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         setRandomSerial(certificate) &&
         X509_set_pubkey(certificate, made.key.get()) == 1 &&
         X509_NAME_add_entry_by_NID(
             X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
             reinterpret_cast<const unsigned char *>(name.data()),
             int(name.size()), -1, 0) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -secondsADay);
}

Result<CertificateAndKey> lcp::rt::createAuthority() {
  CertificateAndKey made;
  if (!begin(made, "LCP cluster authority"))
    return failed("cannot make an authority");
  X509 *certificate = made.certificate.get();
  if (!X509_time_adj_ex(X509_getm_notAfter(certificate), validDays, 0,
                        nullptr) ||
      X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) !=
          1 ||
      !addExtension(certificate, certificate, NID_basic_constraints,
                    "critical,CA:TRUE,pathlen:0") ||
      !addExtension(certificate, certificate, NID_key_usage,
                    "critical,keyCertSign,cRLSign") ||
      !addExtension(certificate, certificate, NID_subject_key_identifier,
                    "hash") ||
      !X509_sign(certificate, made.key.get(), EVP_sha256()))
    return failed("cannot make an authority");
  return made;
}

/// subjectAltName's value: "IP:192.168.7.11,DNS:rpi-2".
static std::string alternativeNames(const CertificateSubject &subject) {
  std::string names;
  for (const std::string &host : subject.hosts) {
    unsigned char address[sizeof(in6_addr)];
    bool isAddress = ::inet_pton(AF_INET, host.c_str(), address) == 1 ||
                     ::inet_pton(AF_INET6, host.c_str(), address) == 1;
    names += (names.empty() ? "" : ",") +
             std::string(isAddress ? "IP:" : "DNS:") + host;
  }
  return names;
}

Result<CertificateAndKey>
lcp::rt::issueCertificate(const CertificateAndKey &authority,
                          const CertificateSubject &subject) {
  // OpenSSL reads the list of names as text.
  for (const std::string &host : subject.hosts)
    if (host.empty() || host.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789.-_:") != std::string::npos)
      return Status(StatusCode::InvalidArgument,
                    "'" + host + "' is no host name or IP address");
  const std::string problem = "cannot make a certificate for " + subject.name;
  CertificateAndKey made;
  X509 *issuer = authority.certificate.get();
  if (!begin(made, subject.name))
    return failed(problem);
  X509 *certificate = made.certificate.get();
  if (X509_set1_notAfter(certificate, X509_get0_notAfter(issuer)) != 1 ||
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      !addExtension(certificate, issuer, NID_basic_constraints,
                    "critical,CA:FALSE") ||
      !addExtension(certificate, issuer, NID_key_usage,
                    "critical,digitalSignature") ||
      !addExtension(certificate, issuer, NID_ext_key_usage,
                    "serverAuth,clientAuth") ||
      !addExtension(certificate, issuer, NID_authority_key_identifier,
                    "keyid") ||
      !addExtension(certificate, issuer, NID_subject_alt_name,
                    alternativeNames(subject)) ||
      !X509_sign(certificate, authority.key.get(), EVP_sha256()))
    return failed(problem);
  return made;
}

bool lcp::rt::isRevoked(X509_CRL *list, X509 *certificate) {
  X509_REVOKED *entry = nullptr;
  return list && X509_CRL_get0_by_cert(list, &entry, certificate) == 1;
}

static bool addRevoked(X509_CRL *list, const ASN1_INTEGER *serial,
                       const ASN1_TIME *date) {
  X509_REVOKED *entry = X509_REVOKED_new();
  if (entry &&
      X509_REVOKED_set_serialNumber(entry,
                                    const_cast<ASN1_INTEGER *>(serial)) == 1 &&
      X509_REVOKED_set_revocationDate(entry, const_cast<ASN1_TIME *>(date)) ==
          1 &&
      X509_CRL_add0_revoked(list, entry) == 1)
    return true;
  X509_REVOKED_free(entry);
  return false;
}

Result<RevocationList>
lcp::rt::makeRevocationList(const CertificateAndKey &authority, X509_CRL *old,
                            const std::vector<Certificate> &revoked) {
  const std::string problem = "cannot make the list of revoked certificates";
  X509 *issuer = authority.certificate.get();
  RevocationList list(X509_CRL_new());
  Handle<ASN1_TIME, ASN1_TIME_free> now(X509_gmtime_adj(nullptr, 0));
  Handle<ASN1_TIME, ASN1_TIME_free> earlier(
      X509_gmtime_adj(nullptr, -secondsADay));
  if (!list || !now || !earlier ||
      X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer)) !=
          1 ||
      X509_CRL_set1_lastUpdate(list.get(), earlier.get()) != 1 ||
      X509_CRL_set1_nextUpdate(list.get(), X509_get0_notAfter(issuer)) != 1)
    return failed(problem);
  STACK_OF(X509_REVOKED) *entries = old ? X509_CRL_get_REVOKED(old) : nullptr;
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
    if (!addRevoked(list.get(), X509_REVOKED_get0_serialNumber(entry),
                    X509_REVOKED_get0_revocationDate(entry)))
      return failed(problem);
  }
  for (const Certificate &certificate : revoked)
    if (!isRevoked(old, certificate.get()) &&
        !addRevoked(list.get(), X509_get0_serialNumber(certificate.get()),
                    now.get()))
      return failed(problem);
  X509_CRL_sort(list.get());
  if (!X509_CRL_sign(list.get(), authority.key.get(), EVP_sha256()))
    return failed(problem);
  return list;
}
