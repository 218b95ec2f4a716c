//===- Socket.h - A connection's bytes, plain or over TLS -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc. Nothing here blocks.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_SOCKET_H
#define LCP_RUNTIME_RPC_SOCKET_H

#include "common/base/Status.h"
#include "runtime/rpc/CertificateSummary.h"
#include "runtime/rpc/Tls.h"

struct bio_st;
struct ssl_st;

namespace lcp::rt {

/// A TCP connection that this end has opened or accepted.
class Socket {
public:
  enum class Outcome {
    Done,
    /// Nothing more for now: try again when the descriptor is ready.
    WaitsToRead,
    WaitsToWrite,
    /// The peer has closed its end.
    Ended,
    /// `failure` says why.
    Failed
  };
  struct Transfer {
    Outcome outcome;
    size_t bytes;
  };

  /// Takes the descriptor, which must not block. Without `tls` in plain text.
  Socket(int descriptor, std::shared_ptr<const TlsContext> tls,
         TlsContext::End end);
  Socket(Socket &&other) noexcept;
  Socket &operator=(Socket &&) = delete;
  ~Socket();

  /// Begins to connect to a numeric "HOST:PORT". Fails where that cannot even
  /// begin; otherwise the descriptor becomes writable when it is decided.
  static Result<int> beginConnect(const std::string &numeric);
  /// How that went.
  Status checkConnected() const;

  /// For a client, before the handshake: the name or numeric address that the
  /// server's certificate must have.
  Status expectName(const std::string &name);
  /// To be called until Done; Done at once without TLS.
  Outcome handshake();
  Transfer read(void *out, size_t size);
  /// What it takes may stay here until drain has sent it.
  Transfer write(const void *data, size_t size);
  /// Done once all that was written is the system's.
  Outcome drain();
  /// Whether bytes wait here that the descriptor does not show.
  bool hasPending() const;
  void close();

  int descriptor() const { return descriptor_; }
  bool usesTls() const { return ssl != nullptr; }
  /// What went wrong, in the words of somebody who sets up devices.
  const std::string &failure() const { return failure_; }

  /// Bytes that the peer's system has not confirmed to have.
  uint64_t unconfirmed() const;
  /// Nothing without TLS.
  std::optional<CertificateSummary> peerCertificate() const;
  /// "192.168.7.12:40213".
  std::string peerAddress() const;
  /// Whether the peer's certificate holds by what another context knows.
  bool peerHolds(const TlsContext &context) const;

private:
  Outcome explain(int result);
  Transfer sendPlain(const void *data, size_t size);
  Outcome fail(std::string why);
  std::string explainTls() const;

  int descriptor_;
  ssl_st *ssl = nullptr;
  /// What TLS has made of what was written, so that many records are one system
  /// call; up to `sent` the system has it.
  bio_st *records = nullptr;
  size_t sent = 0;
  TlsContext::End end;
  bool shaken = false;
  std::shared_ptr<const TlsContext> tls;
  std::string failure_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_SOCKET_H
