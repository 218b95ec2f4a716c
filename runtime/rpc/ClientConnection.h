//===- ClientConnection.h - Calls on one connection -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_CLIENTCONNECTION_H
#define LCP_RUNTIME_RPC_CLIENTCONNECTION_H

#include "runtime/rpc/Channel.h"
#include "runtime/rpc/Http2Connection.h"

namespace lcp::rt {

class ClientConnection final : public Http2Connection {
public:
  /// The channel that a connection belongs to; it may drop the connection in
  /// any of these.
  class Owner {
  public:
    virtual ~Owner() = default;
    virtual void opened(ClientConnection &connection) = 0;
    /// The calls that it had were answered before. `wasOpen`: opened came.
    virtual void closed(ClientConnection &connection, bool wasOpen,
                        const Status &reason) = 0;
    /// The server takes no more calls on it.
    virtual void leaving(ClientConnection &connection) = 0;
    /// The server wants fewer pings, and leaves.
    virtual void askedForCalm() = 0;
    virtual void answered(Channel::CallId call, Result<Bytes> answer) = 0;
  };

  /// Begins to connect. `isCalm`: the server has said that it wants few pings.
  static Result<std::shared_ptr<ClientConnection>>
  connect(EventLoop &loop, const Endpoint &server,
          const ChannelOptions &options, bool isCalm, Owner &owner);
  ~ClientConnection() override;

  /// Fails if the connection can have no more calls.
  Result<int32_t> send(Channel::CallId call, const std::string &method,
                       Message message, Deadline deadline);
  /// Nobody waits for this stream's answer any more.
  void reset(int32_t stream);
  /// Calls nobody from now on.
  void abandon();

private:
  struct Stream;
  ClientConnection(EventLoop &loop, Socket socket,
                   const ChannelOptions &options, bool isCalm,
                   std::string authority, Owner &owner);

  bool mayPing() const override { return !isCalm || !streams.empty(); }
  void onOpen() override;
  void onClosed(const Status &reason) override;
  int onHeadersBegin(const nghttp2_frame &) override { return 0; }
  int onHeader(const nghttp2_frame &frame, std::string_view name,
               std::string_view value) override;
  void onFrame(const nghttp2_frame &frame) override;
  void onData(int32_t stream, const uint8_t *data, size_t size) override;
  void onStreamClosed(int32_t stream, uint32_t errorCode) override;

  Stream *find(int32_t stream);
  void finish(Stream &stream, Result<Bytes> answer);
  static Result<Bytes> judge(Stream &stream, uint32_t errorCode);
  static ssize_t readMessage(nghttp2_session *, int32_t, uint8_t *,
                             size_t length, uint32_t *flags,
                             nghttp2_data_source *source, void *);

  const uint64_t largestReply;
  const bool isCalm;
  const std::string authority;
  const std::shared_ptr<MemoryQuota> memory;
  Owner *owner;
  bool open = false;
  using Streams = std::unordered_map<int32_t, std::unique_ptr<Stream>>;
  Streams streams, lost;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_CLIENTCONNECTION_H
