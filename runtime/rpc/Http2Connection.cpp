//===- Http2Connection.cpp - One HTTP/2 connection, either end ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Http2Connection.h"

#include "runtime/rpc/HeaderFields.h"

#include <algorithm>
#include <cstring>
#include <sys/epoll.h>

using namespace lcp;
using namespace lcp::rt;
using std::chrono::milliseconds;

namespace lcp::rt {

/// From nghttp2's C functions to the connection's.
struct Http2Callbacks {
  static Http2Connection &self(void *user) {
    return *static_cast<Http2Connection *>(user);
  }
  static std::string_view text(const uint8_t *data, size_t size) {
    return {reinterpret_cast<const char *>(data), size};
  }

  static ssize_t send(nghttp2_session *, const uint8_t *data, size_t size, int,
                      void *user) {
    return self(user).queue(data, size) ? ssize_t(size)
                                        : ssize_t(NGHTTP2_ERR_WOULDBLOCK);
  }
  static int sendData(nghttp2_session *, nghttp2_frame *, const uint8_t *header,
                      size_t size, nghttp2_data_source *source, void *user) {
    auto &from = *static_cast<MessageWriter *>(source->ptr);
    return self(user).queueData(header, from, size) ? 0
                                                    : NGHTTP2_ERR_WOULDBLOCK;
  }
  static int headersBegin(nghttp2_session *, const nghttp2_frame *frame,
                          void *user) {
    return self(user).onHeadersBegin(*frame);
  }
  static int header(nghttp2_session *, const nghttp2_frame *frame,
                    const uint8_t *name, size_t nameSize, const uint8_t *value,
                    size_t valueSize, uint8_t, void *user) {
    return self(user).onHeader(*frame, text(name, nameSize),
                               text(value, valueSize));
  }
  static int frame(nghttp2_session *, const nghttp2_frame *frame, void *user) {
    self(user).frameReceived(*frame);
    return 0;
  }
  static int data(nghttp2_session *, uint8_t, int32_t stream,
                  const uint8_t *data, size_t size, void *user) {
    self(user).onData(stream, data, size);
    return 0;
  }
  static int streamClosed(nghttp2_session *, int32_t stream, uint32_t error,
                          void *user) {
    self(user).onStreamClosed(stream, error);
    return 0;
  }
  static int frameSent(nghttp2_session *, const nghttp2_frame *frame,
                       void *user) {
    self(user).frameSent(*frame);
    return 0;
  }
  static int invalidFrame(nghttp2_session *, const nghttp2_frame *, int error,
                          void *user) {
    self(user).complaint =
        std::string("it broke HTTP/2's rules: ") + nghttp2_strerror(error);
    return 0;
  }
};

} // namespace lcp::rt

Result<nghttp2_session_callbacks *> Http2Connection::makeCallbacks() {
  nghttp2_session_callbacks *callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0)
    return Status(StatusCode::ResourceExhausted, "no memory for HTTP/2");
  using C = Http2Callbacks;
  nghttp2_session_callbacks_set_send_callback(callbacks, C::send);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, C::sendData);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                          C::headersBegin);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, C::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, C::frame);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, C::frameSent);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, C::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                         C::streamClosed);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks,
                                                               C::invalidFrame);
  return callbacks;
}

Http2Connection::Http2Connection(EventLoop &loop, Socket socket,
                                 const Http2Timing &timing)
    : loop(loop), socket_(std::move(socket)), timing(timing) {}

Http2Connection::~Http2Connection() {
  if (phase_ != Phase::Closed) {
    loop.cancelTimer(timer);
    loop.unwatch(socket_.descriptor());
  }
  nghttp2_session_del(session);
}

Status Http2Connection::makeSession(MakeSession make) {
  LCP_ASSIGN_OR_RETURN(nghttp2_session_callbacks * callbacks, makeCallbacks());
  nghttp2_option *limits = nullptr;
  if (nghttp2_option_new(&limits) == 0) {
    nghttp2_option_set_no_closed_streams(limits, 1);
    nghttp2_option_set_max_outbound_ack(limits, 100);
    // Only a server's session looks at it.
    nghttp2_option_set_stream_reset_rate_limit(limits, 500, 100);
    make(&session, callbacks, this, limits);
    nghttp2_option_del(limits);
  }
  nghttp2_session_callbacks_del(callbacks);
  return session
             ? Status()
             : Status(StatusCode::ResourceExhausted, "no memory for HTTP/2");
}

Status Http2Connection::begin(MakeSession make,
                              const nghttp2_settings_entry &own, Phase first) {
  LCP_RETURN_IF_ERROR(makeSession(make));
  nghttp2_settings_entry settings[] = {
      own,
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, streamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, largestHeaders}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 3);
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                        connectionWindow);
  phase_ = first;
  out.reset(new uint8_t[outCapacity]);
  lastReceived = lastConfirmed = Deadline::clock::now();
  events = EPOLLIN | (first == Phase::Connecting ? uint32_t(EPOLLOUT) : 0);
  waitUntil(lastReceived + (first == Phase::Connecting ? timing.connect
                                                       : timing.handshake),
            &Http2Connection::tooLateToBegin);
  LCP_RETURN_IF_ERROR(loop.watch(socket_.descriptor(), events, *this));
  flushLater();
  return Status();
}

void Http2Connection::waitUntil(Deadline when,
                                void (Http2Connection::*then)()) {
  loop.cancelTimer(timer);
  timer = loop.runAt(when, [weak = weak_from_this(), then] {
    if (auto connection = weak.lock())
      (connection.get()->*then)();
  });
}

void Http2Connection::tooLateToBegin() {
  std::string limit =
      std::to_string(
          (phase_ == Phase::Connecting ? timing.connect : timing.handshake)
              .count()) +
      " ms";
  close(Status(StatusCode::Unavailable,
               phase_ == Phase::Connecting
                   ? "no answer within " + limit +
                         "; is it switched on, on the network, behind a "
                         "firewall?"
                   : "it did not finish its greeting within " + limit));
}

void Http2Connection::close(Status reason) {
  if (phase_ == Phase::Closed)
    return;
  auto keep = shared_from_this();
  phase_ = Phase::Closed;
  loop.cancelTimer(timer);
  loop.unwatch(socket_.descriptor());
  socket_.close();
  onClosed(reason);
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

void Http2Connection::setEvents(uint32_t wanted) {
  if (wanted == events || phase_ == Phase::Closed)
    return;
  events = wanted;
  loop.changeEvents(socket_.descriptor(), events);
}

void Http2Connection::ready(uint32_t occurred) {
  auto keep = shared_from_this();
  // The handshake may have read what comes after it.
  bool mayRead = (occurred & ~uint32_t(EPOLLOUT)) != 0;
  if (phase_ == Phase::Connecting || phase_ == Phase::Handshaking) {
    advance();
    mayRead = true;
  }
  if (phase_ != Phase::Greeting && phase_ != Phase::Open)
    return;
  if (mayRead)
    readAll();
  flush();
}

void Http2Connection::advance() {
  if (phase_ == Phase::Connecting) {
    if (Status connected = socket_.checkConnected(); !connected.ok())
      return close(std::move(connected));
    phase_ = Phase::Handshaking;
    waitUntil(Deadline::clock::now() + timing.handshake,
              &Http2Connection::tooLateToBegin);
  }
  switch (socket_.handshake()) {
  case Socket::Outcome::Done:
    phase_ = Phase::Greeting;
    return setEvents(EPOLLIN);
  case Socket::Outcome::WaitsToRead:
    return setEvents(EPOLLIN);
  case Socket::Outcome::WaitsToWrite:
    return setEvents(EPOLLIN | EPOLLOUT);
  case Socket::Outcome::Ended:
    return close(Status(StatusCode::Unavailable, "it closed the connection"));
  case Socket::Outcome::Failed:
    return close(Status(StatusCode::Unavailable, socket_.failure()));
  }
}

void Http2Connection::frameReceived(const nghttp2_frame &frame) {
  if (phase_ == Phase::Greeting && frame.hd.type == NGHTTP2_SETTINGS) {
    phase_ = Phase::Open;
    waitUntil(lastReceived + timing.pingAfter, &Http2Connection::checkAlive);
    onOpen();
  }
  if (frame.hd.type == NGHTTP2_GOAWAY &&
      frame.goaway.error_code != NGHTTP2_NO_ERROR)
    complaint = std::string("it ended the connection: ") +
                nghttp2_http2_strerror(frame.goaway.error_code);
  if (phase_ != Phase::Closed)
    onFrame(frame);
}

void Http2Connection::frameSent(const nghttp2_frame &frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY &&
      frame.goaway.error_code != NGHTTP2_NO_ERROR && complaint.empty())
    complaint = "it broke HTTP/2's rules or limits";
  if (phase_ != Phase::Closed)
    onSent(frame);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

void Http2Connection::readAll() {
  uint8_t buffer[64 << 10];
  // Others have their turn too.
  size_t budget = 4 * sizeof buffer;
  while (phase_ != Phase::Closed) {
    Socket::Transfer read = socket_.read(buffer, sizeof buffer);
    if (read.outcome == Socket::Outcome::WaitsToRead ||
        read.outcome == Socket::Outcome::WaitsToWrite)
      return;
    if (read.outcome != Socket::Outcome::Done) {
      bool failed = read.outcome == Socket::Outcome::Failed;
      endedInOrder_ = !failed && complaint.empty();
      std::string why = failed ? socket_.failure() : "it closed the connection";
      return close(
          Status(StatusCode::Unavailable, complaint.empty() ? why : complaint));
    }
    lastReceived = Deadline::clock::now();
    if (!feed(buffer, read.bytes))
      return;
    bool more = socket_.hasPending();
    if (!more && read.bytes < sizeof buffer)
      return;
    budget -= std::min(budget, read.bytes);
    if (budget != 0)
      continue;
    // What the descriptor still shows comes back by itself.
    if (more)
      loop.post([weak = weak_from_this()] {
        if (auto connection = weak.lock())
          connection->ready(EPOLLIN);
      });
    return;
  }
}

/// False once the connection is closed.
bool Http2Connection::feed(const uint8_t *data, size_t size) {
  ssize_t taken = nghttp2_session_mem_recv(session, data, size);
  if (phase_ == Phase::Closed)
    return false;
  if (taken == ssize_t(size))
    return true;
  std::string why =
      std::string("it broke HTTP/2's rules: ") + nghttp2_strerror(int(taken));
  if (phase_ == Phase::Greeting)
    why = "it does not speak HTTP/2";
  close(Status(StatusCode::Unavailable, complaint.empty() ? why : complaint));
  return false;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

bool Http2Connection::queue(const uint8_t *data, size_t size) {
  if (phase_ == Phase::Closed || size > outCapacity - outEnd)
    return false;
  std::memcpy(out.get() + outEnd, data, size);
  outEnd += size;
  return true;
}

bool Http2Connection::queueData(const uint8_t *header, MessageWriter &from,
                                size_t size) {
  constexpr size_t headerBytes = 9;
  if (phase_ == Phase::Closed || headerBytes + size > outCapacity - outEnd)
    return false;
  std::memcpy(out.get() + outEnd, header, headerBytes);
  from.read(out.get() + outEnd + headerBytes, size);
  outEnd += headerBytes + size;
  return true;
}

void Http2Connection::flushLater() {
  if (flushIsDue || phase_ == Phase::Closed)
    return;
  flushIsDue = true;
  loop.runLast([weak = weak_from_this()] {
    auto connection = weak.lock();
    if (!connection)
      return;
    connection->flushIsDue = false;
    connection->flush();
  });
}

void Http2Connection::flush() {
  if (phase_ != Phase::Greeting && phase_ != Phase::Open)
    return;
  auto keep = shared_from_this();
  for (;;) {
    if (outBegin == outEnd) {
      outBegin = outEnd = 0;
      if (int error = nghttp2_session_send(session); error != 0)
        return close(Status(StatusCode::Unavailable, nghttp2_strerror(error)));
      if (phase_ == Phase::Closed)
        return;
      if (outEnd == 0)
        break;
    }
    Socket::Transfer wrote =
        socket_.write(out.get() + outBegin, outEnd - outBegin);
    if (wrote.outcome == Socket::Outcome::WaitsToRead ||
        wrote.outcome == Socket::Outcome::WaitsToWrite)
      return setEvents(EPOLLIN | EPOLLOUT);
    if (wrote.outcome != Socket::Outcome::Done) {
      readAll(); // What it said last is there, and then the end.
      return close(Status(StatusCode::Unavailable, "it closed the connection"));
    }
    outBegin += wrote.bytes;
    written += wrote.bytes;
  }
  bool drained = socket_.drain() != Socket::Outcome::WaitsToWrite;
  setEvents(drained ? EPOLLIN : EPOLLIN | EPOLLOUT);
  if (nghttp2_session_want_read(session) || nghttp2_session_want_write(session))
    return;
  endedInOrder_ = complaint.empty();
  close(Status(StatusCode::Unavailable,
               complaint.empty() ? "it closed the connection" : complaint));
}

//===----------------------------------------------------------------------===//
// Whether the peer is there
//===----------------------------------------------------------------------===//

void Http2Connection::checkAlive() {
  Deadline now = Deadline::clock::now();
  // A peer whose system takes bytes off us is there, even if a long message on
  // a slow link keeps it from saying so.
  uint64_t waiting = socket_.unconfirmed();
  uint64_t taken = written - std::min(written, waiting);
  if (taken > confirmed && waiting != 0)
    lastConfirmed = now;
  confirmed = taken;
  if (pingIsOut && lastReceived >= pinged)
    pingIsOut = false;
  if (!pingIsOut) {
    Deadline due = lastReceived + timing.pingAfter;
    if (!mayPing())
      due = std::max(due, now + timing.pingAfter);
    if (now < due)
      return waitUntil(due, &Http2Connection::checkAlive);
    nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, nullptr);
    pinged = now;
    pingIsOut = true;
    flush();
    if (phase_ == Phase::Closed)
      return;
  }
  Deadline since = std::max(pinged, lastConfirmed);
  if (now >= since + timing.pingTimeout)
    return close(
        Status(StatusCode::Unavailable,
               "it has been silent for " +
                   std::to_string(std::chrono::duration_cast<milliseconds>(
                                      now - lastReceived)
                                      .count()) +
                   " ms"));
  waitUntil(std::min(since + timing.pingTimeout,
                     now + std::max(timing.pingTimeout / 4, milliseconds(1))),
            &Http2Connection::checkAlive);
}
