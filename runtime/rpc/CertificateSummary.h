//===- CertificateSummary.h - What a certificate says -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_CERTIFICATESUMMARY_H
#define LCP_RUNTIME_RPC_CERTIFICATESUMMARY_H

#include "common/base/Status.h"

#include <string>

struct x509_st;

namespace lcp::rt {

struct CertificateSummary {
  /// The first name in subjectAltName, or else the common name; printable.
  std::string name;
  /// Until when it holds, in seconds since 1970.
  int64_t expires = 0;
};

/// Of OpenSSL's object.
CertificateSummary summarize(x509_st &certificate);

/// Of the first certificate in PEM text. Fails with Corrupt if there is none.
Result<CertificateSummary> summarizeCertificate(const std::string &pem);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_CERTIFICATESUMMARY_H
