//===- Http2Connection.h - One HTTP/2 connection, either end ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc. What both ends of a connection have in common: the
// socket, nghttp2's session, what waits to be written, and whether the peer is
// alive. All of it happens on the loop's thread.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_HTTP2CONNECTION_H
#define LCP_RUNTIME_RPC_HTTP2CONNECTION_H

#include "runtime/rpc/EventLoop.h"
#include "runtime/rpc/GrpcFraming.h"
#include "runtime/rpc/Socket.h"

#include <nghttp2/nghttp2.h>

namespace lcp::rt {

struct Http2Timing {
  std::chrono::milliseconds connect, handshake, pingAfter, pingTimeout;
};

/// Once closed it does nothing more; its owner may drop it at any time.
class Http2Connection : public EventLoop::Watcher,
                        public std::enable_shared_from_this<Http2Connection> {
public:
  enum class Phase {
    /// TCP, of a client.
    Connecting,
    /// TLS.
    Handshaking,
    /// Until the peer's settings show that it speaks HTTP/2.
    Greeting,
    Open,
    Closed
  };

  ~Http2Connection() override;
  Phase phase() const { return phase_; }
  const Socket &socket() const { return socket_; }
  /// Whether the peer has ended it as the rules have it.
  bool endedInOrder() const { return endedInOrder_; }

  /// Writes what is queued, at the end of the loop's turn.
  void flushLater();
  /// Tells onClosed why, unless that has happened.
  void close(Status reason);

  void ready(uint32_t events) override;

protected:
  Http2Connection(EventLoop &loop, Socket socket, const Http2Timing &timing);
  /// nghttp2_session_client_new2 or its server's twin.
  using MakeSession = decltype(&nghttp2_session_server_new2);
  /// Makes the session and greets the peer, with a setting that is this end's
  /// own beside those of both.
  Status begin(MakeSession make, const nghttp2_settings_entry &own,
               Phase first);

  /// The peer speaks HTTP/2 (and has proven itself, with TLS).
  virtual void onOpen() = 0;
  virtual void onClosed(const Status &reason) = 0;
  /// The header fields of a message begin. These return what nghttp2 takes: 0,
  /// or NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE to reset the stream.
  virtual int onHeadersBegin(const nghttp2_frame &frame) = 0;
  virtual int onHeader(const nghttp2_frame &frame, std::string_view name,
                       std::string_view value) = 0;
  virtual void onFrame(const nghttp2_frame &frame) = 0;
  virtual void onSent(const nghttp2_frame &) {}
  virtual void onData(int32_t stream, const uint8_t *data, size_t size) = 0;
  virtual void onStreamClosed(int32_t stream, uint32_t errorCode) = 0;
  /// Whether a peer that is silent may be asked if it is there.
  virtual bool mayPing() const { return true; }

  EventLoop &loop;
  nghttp2_session *session = nullptr;

private:
  /// The callbacks of a session: those above and the writing.
  static Result<nghttp2_session_callbacks *> makeCallbacks();
  Status makeSession(MakeSession make);
  void advance();
  void step(uint32_t events);
  void readAll();
  bool feed(const uint8_t *data, size_t size);
  void flush();
  void setEvents(uint32_t wanted);
  void frameReceived(const nghttp2_frame &frame);
  void frameSent(const nghttp2_frame &frame);
  void waitUntil(Deadline when, void (Http2Connection::*then)());
  void tooLateToBegin();
  void checkAlive();
  /// True if it fits.
  bool queue(const uint8_t *data, size_t size);
  bool queueData(const uint8_t *header, MessageWriter &from, size_t size);
  friend struct Http2Callbacks;

  Socket socket_;
  const Http2Timing timing;
  Phase phase_ = Phase::Connecting;
  uint32_t events = 0;
  bool flushIsDue = false, endedInOrder_ = false;
  /// What nghttp2 has made and the socket has not taken: eight frames of data
  /// and their headers.
  static constexpr size_t outCapacity = 8 * ((16 << 10) + 9);
  std::unique_ptr<uint8_t[]> out;
  size_t outBegin = 0, outEnd = 0;
  /// For the beginning, and then for pings.
  EventLoop::TimerId timer;
  Deadline lastReceived, lastConfirmed, pinged;
  bool pingIsOut = false;
  uint64_t written = 0, confirmed = 0;
  /// The last thing that the peer did wrong or said when it left.
  std::string complaint;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_HTTP2CONNECTION_H
