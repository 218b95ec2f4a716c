//===- Authority.h - What signs certificates --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc: certificates and lists as OpenSSL's objects, in
// memory. Certificates.h has the files.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_AUTHORITY_H
#define LCP_RUNTIME_RPC_AUTHORITY_H

#include "runtime/rpc/Certificates.h"
#include "runtime/rpc/OpenSsl.h"

namespace lcp::rt {

struct CertificateAndKey {
  openssl::Certificate certificate;
  openssl::Key key;
};

/// A new authority, which signs itself. Valid for ten years from a day ago: a
/// clock may be slow by hours.
Result<CertificateAndKey> createAuthority();

/// A certificate of the authority for a server and client of these hosts, valid
/// until the authority's ends.
Result<CertificateAndKey> issueCertificate(const CertificateAndKey &authority,
                                           const CertificateSubject &subject);

/// The authority's list of revoked certificates with those of `old` (may be
/// null) and `revoked`, without doubles. Valid as long as the authority.
Result<openssl::RevocationList>
makeRevocationList(const CertificateAndKey &authority, X509_CRL *old,
                   const std::vector<openssl::Certificate> &revoked);

/// Whether the list has the certificate.
bool isRevoked(X509_CRL *list, X509 *certificate);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_AUTHORITY_H
