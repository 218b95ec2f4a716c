//===- ServerConnection.h - Calls of one peer -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_SERVERCONNECTION_H
#define LCP_RUNTIME_RPC_SERVERCONNECTION_H

#include "runtime/rpc/Http2Connection.h"
#include "runtime/rpc/RpcServer.h"

namespace lcp::rt {

class ReceivedCall;

/// Who is to blame for an error: the peer, or who the error's code says.
enum class Blame { ByCode, Peer };

class ServerConnection final : public Http2Connection {
public:
  /// The server that a connection belongs to.
  class Owner {
  public:
    virtual ~Owner() = default;
    virtual void opened(ServerConnection &connection) = 0;
    /// `opened` came before unless `stranger`.
    virtual void closed(ServerConnection &connection, bool stranger,
                        const Status &reason) = 0;
    /// A call was answered with an error for which its peer is to blame.
    virtual void refused(const ServerConnection &connection,
                         const Status &reason) = 0;
  };

  static Result<std::shared_ptr<ServerConnection>>
  accept(EventLoop &loop, int descriptor, const RpcServerOptions &options,
         std::shared_ptr<const TlsContext> tls,
         std::shared_ptr<MemoryQuota> memory, CallHandler &handler,
         Owner &owner);
  ~ServerConnection() override;

  const PeerIdentity &peer() const { return *peer_; }
  bool busy() const { return !streams.empty(); }
  /// When the last call began, or the connection.
  Deadline lastUsed() const { return lastUsed_; }
  /// Takes no more calls; closes once those it has are answered.
  void drain();

  /// Answers the call of this stream, if it is still waited for.
  void answer(int32_t stream, Status status, Message reply, Blame blame);

private:
  struct Stream;
  ServerConnection(EventLoop &loop, Socket socket,
                   const RpcServerOptions &options,
                   std::shared_ptr<MemoryQuota> memory, CallHandler &handler,
                   Owner &owner);

  void onOpen() override;
  void onClosed(const Status &reason) override;
  int onHeadersBegin(const nghttp2_frame &frame) override;
  int onHeader(const nghttp2_frame &frame, std::string_view name,
               std::string_view value) override;
  void onFrame(const nghttp2_frame &frame) override;
  void onSent(const nghttp2_frame &frame) override;
  void onData(int32_t stream, const uint8_t *data, size_t size) override;
  void onStreamClosed(int32_t stream, uint32_t errorCode) override;

  Stream *find(int32_t stream);
  void beginMessage(int32_t id, Stream &stream);
  void dispatch(int32_t id, Stream &stream);
  void refuse(int32_t id, Stream &stream, const Status &status);
  void submitError(int32_t id, const Status &status);
  void wakeAt(int32_t id, Stream &stream, Deadline when);
  void tooLate(int32_t id);
  Deadline transferLimit(uint64_t bytes) const;
  static ssize_t readReply(nghttp2_session *session, int32_t stream, uint8_t *,
                           size_t length, uint32_t *flags,
                           nghttp2_data_source *source, void *);

  const RpcServerOptions &options;
  std::shared_ptr<MemoryQuota> memory;
  CallHandler &handler;
  Owner &owner;
  std::shared_ptr<PeerIdentity> peer_;
  Deadline lastUsed_;
  bool open = false;
  using Streams = std::unordered_map<int32_t, std::unique_ptr<Stream>>;
  Streams streams, lost;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_SERVERCONNECTION_H
