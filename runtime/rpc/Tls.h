//===- Tls.h - Mutual TLS from a folder of certificates ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_TLS_H
#define LCP_RUNTIME_RPC_TLS_H

#include "common/base/Status.h"

#include <optional>
#include <string>

namespace lcp::rt {

/// What one end of a connection needs to prove itself and to check the other.
struct TlsIdentity {
  /// The authority that signed both ends' certificates, PEM.
  std::string authority;
  /// This end's certificate (with intermediates, if any) and key, PEM.
  std::string certificate;
  std::string key;
};

/// Reads ca.pem, cert.pem and key.pem from `folder` and checks that they are
/// what their names say, that key and certificate belong together, and that the
/// certificate is valid now and signed by the authority: gRPC would only say
/// "handshake failed", on the other machine.
Result<TlsIdentity> readTlsIdentity(const std::string &folder);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_TLS_H
