//===- CertificateSummary.cpp - What a certificate says -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/CertificateSummary.h"

#include "common/base/Printable.h"
#include "runtime/rpc/OpenSsl.h"

#include <arpa/inet.h>
#include <ctime>
#include <openssl/err.h>
#include <openssl/pem.h>

using namespace lcp;
using namespace lcp::rt;

/// Of a subjectAltName, which may hold any bytes.
static std::string nameText(const GENERAL_NAME &name) {
  if (name.type == GEN_DNS)
    return std::string(
        reinterpret_cast<const char *>(ASN1_STRING_get0_data(name.d.dNSName)),
        size_t(ASN1_STRING_length(name.d.dNSName)));
  if (name.type != GEN_IPADD)
    return "";
  int length = ASN1_STRING_length(name.d.iPAddress);
  char text[INET6_ADDRSTRLEN] = {};
  if (length == 4 || length == 16)
    inet_ntop(length == 4 ? AF_INET : AF_INET6,
              ASN1_STRING_get0_data(name.d.iPAddress), text, sizeof text);
  return text;
}

static std::string firstName(X509 &certificate) {
  std::string name;
  auto *names = static_cast<GENERAL_NAMES *>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; name.empty() && i < sk_GENERAL_NAME_num(names); ++i)
    name = nameText(*sk_GENERAL_NAME_value(names, i));
  GENERAL_NAMES_free(names);
  if (!name.empty())
    return printable(name);
  char common[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), NID_commonName,
                            common, sizeof common);
  return printable(common);
}

CertificateSummary lcp::rt::summarize(X509 &certificate) {
  CertificateSummary summary;
  summary.name = firstName(certificate);
  std::tm until = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &until) == 1)
    summary.expires = int64_t(timegm(&until));
  return summary;
}

Result<CertificateSummary>
lcp::rt::summarizeCertificate(const std::string &pem) {
  openssl::Bio bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
  openssl::Certificate certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate)
    return Status(StatusCode::Corrupt, "no PEM certificate in it");
  return summarize(*certificate);
}
