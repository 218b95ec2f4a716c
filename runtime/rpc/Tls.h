//===- Tls.h - Mutual TLS from a folder of certificates ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_TLS_H
#define LCP_RUNTIME_RPC_TLS_H

#include "common/base/Status.h"

#include <memory>
#include <optional>
#include <string>

struct ssl_ctx_st;

namespace lcp::rt {

/// What one end of a connection needs to prove itself and to check the other.
struct TlsIdentity {
  /// The authority that signed both ends' certificates, PEM.
  std::string authority;
  /// This end's certificate (with intermediates, if any) and key, PEM.
  std::string certificate;
  std::string key;
  /// Certificates that the authority has taken back, PEM (an X.509 CRL); empty
  /// if there are none.
  std::string revoked;
};

/// Reads ca.pem, cert.pem and key.pem from `folder` and checks that they are
/// what their names say, that key and certificate belong together, and that the
/// certificate is valid now and signed by the authority: a peer would only say
/// "handshake failed", on the other machine. Reads crl.pem too, if it is there.
Result<TlsIdentity> readTlsIdentity(const std::string &folder);

/// An identity made ready for connections, which share it. Both ends prove
/// themselves, over TLS 1.2 or 1.3, and speak HTTP/2.
class TlsContext {
public:
  enum class End { Client, Server };
  /// Fails if the identity is not what readTlsIdentity would give.
  static Result<std::shared_ptr<const TlsContext>>
  create(const TlsIdentity &identity, End end);
  ~TlsContext();

  /// OpenSSL's.
  ssl_ctx_st *get() const { return context; }

private:
  explicit TlsContext(ssl_ctx_st *context) : context(context) {}
  TlsContext(const TlsContext &) = delete;
  void operator=(const TlsContext &) = delete;
  ssl_ctx_st *context;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_TLS_H
