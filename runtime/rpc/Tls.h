//===- Tls.h - Mutual TLS from a folder of certificates ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_TLS_H
#define LCP_RUNTIME_RPC_TLS_H

#include "common/base/Status.h"

#include <array>
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
  /// Where this was read; empty if it is only in memory.
  std::string folder;
};

/// Reads ca.pem, cert.pem and key.pem from `folder` and checks that they are
/// what their names say, that key and certificate belong together, and that the
/// certificate is valid now and signed by the authority: a peer would only say
/// "handshake failed", on the other machine. Reads crl.pem too, if it is there.
Result<TlsIdentity> readTlsIdentity(const std::string &folder);

/// An identity made ready for connections, which share it. Both ends prove
/// themselves, over TLS 1.2 or 1.3, and speak HTTP/2. If the files of the
/// identity's folder are exchanged, connections made from then on go by the new
/// ones: a revoked device is refused without a restart.
class TlsContext {
public:
  enum class End { Client, Server };
  /// Fails if the identity is not what readTlsIdentity would give.
  static Result<std::shared_ptr<const TlsContext>>
  create(const TlsIdentity &identity, End end);
  ~TlsContext();

  /// OpenSSL's, of the files as they are now; good until the next call. From
  /// one thread at a time.
  ssl_ctx_st *get() const;
  /// How often the files were exchanged for others that are good. If what lies
  /// there now is not, the old ones stand. From the thread of get().
  unsigned generation() const;

private:
  struct FileStamp {
    uint64_t inode = 0;
    int64_t size = -1, seconds = 0, nanoseconds = 0;
    bool operator==(const FileStamp &other) const;
  };
  using FolderStamp = std::array<FileStamp, 4>;

  TlsContext(std::string folder, End end)
      : folder(std::move(folder)), end(end) {}
  TlsContext(const TlsContext &) = delete;
  void operator=(const TlsContext &) = delete;
  FolderStamp stampFolder() const;
  void refresh() const;

  const std::string folder;
  const End end;
  mutable FolderStamp stamp;
  mutable unsigned exchanges = 0;
  mutable ssl_ctx_st *context = nullptr;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_TLS_H
