//===- Certificates.h - A cluster's own authority ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What --tls reads is made here, one folder a machine:
//
//   ROOT/authority/ca.key      signs the others; stays where it is
//   ROOT/authority/ca.pem, crl.pem, issued/NAME.SERIAL.pem
//   ROOT/NAME/ca.pem, cert.pem, key.pem, crl.pem
//
// A folder is made whole or not at all, and a file in it is never replaced but
// for crl.pem, the list of revoked certificates.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_CERTIFICATES_H
#define LCP_RUNTIME_RPC_CERTIFICATES_H

#include "common/base/Status.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// A machine that is to have a certificate.
struct CertificateSubject {
  /// Its folder's name and its certificate's common name.
  std::string name;
  /// IP addresses and host names by which others reach it; at least one.
  std::vector<std::string> hosts;
};

/// Makes the authority, if it is not there, and the folders of those subjects
/// that have none. A folder that is there is checked and kept. Gives one line a
/// folder for people; fails at the first folder that is neither good nor
/// absent.
Result<std::vector<std::string>>
makeCertificates(const std::string &root,
                 const std::vector<CertificateSubject> &subjects);

/// Revokes every certificate that was made for `name` and writes crl.pem anew
/// in all folders of `root`. To be copied to the machines: they read it at
/// their next handshake. Gives lines as above.
Result<std::vector<std::string>> revokeCertificates(const std::string &root,
                                                    const std::string &name);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_CERTIFICATES_H
