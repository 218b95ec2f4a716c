//===- ServerConnection.cpp - Calls of one peer ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/ServerConnection.h"

#include "common/base/Printable.h"
#include "runtime/rpc/HeaderFields.h"
#include "runtime/rpc/ReceivedCall.h"
#include "runtime/rpc/WireStatus.h"

#include <algorithm>
#include <optional>

using namespace lcp;
using namespace lcp::rt;

/// One call as it arrives, is answered, and leaves.
struct ServerConnection::Stream {
  std::string path, timeout, contentType, encoding;
  bool post = false;
  size_t headerBytes = 0;
  std::optional<MessageReader> reader;
  /// The handler's alone, so that one which forgets it is noticed.
  std::weak_ptr<ReceivedCall> call;
  Deadline deadline = noDeadline;
  bool received = false;
  bool answered = false;
  std::optional<MessageWriter> writer;
  MemoryCharge replyMemory;
  EventLoop::TimerId timer;

  /// When it is answered by us, and not by the handler, who can say more: it
  /// has learnt at the deadline that there will be no answer.
  Deadline end() const {
    constexpr std::chrono::milliseconds lastWords(10);
    return deadline == noDeadline ? noDeadline : deadline + lastWords;
  }
};

ServerConnection::ServerConnection(EventLoop &loop, Socket socket,
                                   const RpcServerOptions &options,
                                   std::shared_ptr<MemoryQuota> memory,
                                   CallHandler &handler, Owner &owner)
    : Http2Connection(loop, std::move(socket),
                      {options.handshakeTimeout, options.handshakeTimeout,
                       options.pingAfter, options.pingTimeout}),
      options(options), memory(std::make_shared<MemoryQuota>(
                            options.memoryPerPeer, std::move(memory))),
      handler(handler), owner(owner), peer_(std::make_shared<PeerIdentity>()),
      lastUsed_(Deadline::clock::now()) {
  static std::atomic<uint64_t> connections{0};
  peer_->connection = ++connections;
  peer_->address = this->socket().peerAddress();
}

ServerConnection::~ServerConnection() {
  for (auto &[id, stream] : streams)
    loop.cancelTimer(stream->timer);
}

Result<std::shared_ptr<ServerConnection>> ServerConnection::accept(
    EventLoop &loop, int descriptor, const RpcServerOptions &options,
    std::shared_ptr<const TlsContext> tls, std::shared_ptr<MemoryQuota> memory,
    CallHandler &handler, Owner &owner) {
  Socket socket(descriptor, std::move(tls), TlsContext::End::Server);
  std::shared_ptr<ServerConnection> connection(new ServerConnection(
      loop, std::move(socket), options, std::move(memory), handler, owner));
  LCP_RETURN_IF_ERROR(connection->begin(
      nghttp2_session_server_new2,
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.callsPerConnection},
      connection->socket().usesTls() ? Phase::Handshaking : Phase::Greeting));
  return connection;
}

void ServerConnection::onOpen() {
  open = true;
  if (std::optional<CertificateSummary> shown = socket().peerCertificate())
    peer_->certificateName = shown->name;
  owner.opened(*this);
}

void ServerConnection::onClosed(const Status &reason) {
  // Not destroyed yet: nghttp2 may be at work on them.
  lost = std::move(streams);
  streams.clear();
  for (auto &[id, stream] : lost) {
    loop.cancelTimer(stream->timer);
    if (auto call = stream->call.lock())
      call->cancel();
  }
  if (open)
    handler.connectionClosed(*peer_);
  owner.closed(*this, !open, reason);
}

void ServerConnection::drain() {
  nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  flushLater();
}

ServerConnection::Stream *ServerConnection::find(int32_t id) {
  auto found = streams.find(id);
  return found == streams.end() ? nullptr : found->second.get();
}

//===----------------------------------------------------------------------===//
// What arrives
//===----------------------------------------------------------------------===//

int ServerConnection::onHeadersBegin(const nghttp2_frame &frame) {
  if (frame.hd.type != NGHTTP2_HEADERS ||
      frame.headers.cat != NGHTTP2_HCAT_REQUEST)
    return 0;
  lastUsed_ = Deadline::clock::now();
  streams.emplace(frame.hd.stream_id, std::make_unique<Stream>());
  return 0;
}

int ServerConnection::onHeader(const nghttp2_frame &frame,
                               std::string_view name, std::string_view value) {
  Stream *stream = find(frame.hd.stream_id);
  if (!stream)
    return 0;
  stream->headerBytes += name.size() + value.size() + 32;
  if (stream->headerBytes > largestHeaders)
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (name == ":path")
    stream->path = value;
  else if (name == ":method")
    stream->post = value == "POST";
  else if (name == "content-type")
    stream->contentType = value;
  else if (name == "grpc-timeout")
    stream->timeout = value;
  else if (name == "grpc-encoding")
    stream->encoding = value;
  return 0;
}

void ServerConnection::onFrame(const nghttp2_frame &frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)
    return;
  const int32_t id = frame.hd.stream_id;
  if (frame.hd.type == NGHTTP2_HEADERS &&
      frame.headers.cat == NGHTTP2_HCAT_REQUEST)
    if (Stream *stream = find(id))
      beginMessage(id, *stream);
  if (frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
    if (Stream *stream = find(id); stream && !stream->answered)
      dispatch(id, *stream);
}

void ServerConnection::beginMessage(int32_t id, Stream &stream) {
  if (!stream.post || stream.contentType.rfind("application/grpc", 0) != 0) {
    stream.answered = true;
    submitFields(session, id, {{":status", "415"}});
    return;
  }
  std::optional<uint64_t> largest = handler.largestMessage(stream.path);
  if (!largest)
    return refuse(
        id, stream,
        Status(StatusCode::Unsupported,
               "no method " + printable(stream.path.substr(0, 128)) + " here"));
  if (!stream.encoding.empty() && stream.encoding != "identity")
    return refuse(id, stream,
                  Status(StatusCode::Unsupported,
                         "compressed messages are not understood here"));
  stream.reader.emplace(*largest, memory);
  wakeAt(id, stream, Deadline::clock::now() + options.messageGrace);
}

void ServerConnection::onData(int32_t id, const uint8_t *data, size_t size) {
  Stream *stream = find(id);
  if (!stream || stream->answered || !stream->reader)
    return;
  bool hadLength = stream->reader->statedBytes() != 0;
  if (Status added = stream->reader->add(data, size); !added.ok())
    return refuse(id, *stream, added);
  if (!hadLength && !stream->reader->complete())
    wakeAt(id, *stream, transferLimit(stream->reader->statedBytes()));
}

void ServerConnection::dispatch(int32_t id, Stream &stream) {
  if (!stream.reader->complete())
    return refuse(id, stream,
                  Status(StatusCode::InvalidArgument,
                         "the call ended before its message did"));
  if (!stream.timeout.empty()) {
    Result<Deadline> parsed = parseTimeout(stream.timeout);
    if (!parsed.ok())
      return refuse(id, stream, parsed.status());
    stream.deadline = *parsed;
  }
  if (options.timeLimit.count() != 0)
    stream.deadline =
        std::min(stream.deadline, Deadline::clock::now() + options.timeLimit);
  auto self = std::static_pointer_cast<ServerConnection>(shared_from_this());
  auto call = std::make_shared<ReceivedCall>(
      loop, self, id, std::move(stream.path), peer_, stream.reader->take(),
      stream.deadline);
  stream.reader.reset();
  stream.received = true;
  stream.call = call;
  wakeAt(id, stream, stream.end());
  handler.handle(std::move(call));
}

void ServerConnection::onStreamClosed(int32_t id, uint32_t) {
  auto found = streams.find(id);
  if (found == streams.end())
    return;
  std::unique_ptr<Stream> stream = std::move(found->second);
  streams.erase(found);
  loop.cancelTimer(stream->timer);
  if (auto call = stream->call.lock())
    call->cancel();
}

//===----------------------------------------------------------------------===//
// What leaves
//===----------------------------------------------------------------------===//

/// What an honest peer of the same version never sees.
static bool isPeersFault(StatusCode code) {
  return code == StatusCode::InvalidArgument ||
         code == StatusCode::Unsupported || code == StatusCode::Untrusted ||
         code == StatusCode::Mismatch;
}

void ServerConnection::answer(int32_t id, Status status, Message reply,
                              Blame blame) {
  Stream *stream = find(id);
  if (!stream || stream->answered || phase() == Phase::Closed)
    return;
  stream->answered = true;
  if (status.ok()) {
    stream->replyMemory = MemoryCharge(memory);
    if (reply.size() > UINT32_MAX || !stream->replyMemory.add(reply.size()))
      status = Status(StatusCode::ResourceExhausted,
                      "too many answers wait to be read by their clients");
  }
  if (blame == Blame::Peer || isPeersFault(status.code()))
    owner.refused(*this, status);
  if (!status.ok())
    return submitError(id, status);
  wakeAt(id, *stream, std::min(stream->end(), transferLimit(reply.size())));
  stream->writer.emplace(std::move(reply));
  nghttp2_data_provider provider = {};
  provider.source.ptr = &*stream->writer;
  provider.read_callback = readReply;
  submitFields(session, id,
               {{":status", "200"}, {"content-type", "application/grpc"}},
               &provider);
  flushLater();
}

ssize_t ServerConnection::readReply(nghttp2_session *session, int32_t id,
                                    uint8_t *, size_t length, uint32_t *flags,
                                    nghttp2_data_source *source, void *) {
  uint64_t left = static_cast<MessageWriter *>(source->ptr)->left();
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (left > length)
    return ssize_t(length);
  *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  submitTrailer(session, id, {{"grpc-status", "0"}});
  return ssize_t(left);
}

void ServerConnection::submitError(int32_t id, const Status &status) {
  submitFields(
      session, id,
      {{":status", "200"},
       {"content-type", "application/grpc"},
       {"grpc-status", std::to_string(unsigned(toWire(status.code())))},
       {"grpc-message", percentEncode(status.message())}});
  flushLater();
}

/// After an answer that came before the message was there: no more of it is
/// wanted. (Submitted earlier it would overtake the answer.)
void ServerConnection::onSent(const nghttp2_frame &frame) {
  if (frame.hd.type == NGHTTP2_HEADERS &&
      (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) &&
      nghttp2_session_get_stream_remote_close(session, frame.hd.stream_id) == 0)
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_NO_ERROR);
}

/// Answers before the message is there.
void ServerConnection::refuse(int32_t id, Stream &stream,
                              const Status &status) {
  owner.refused(*this, status);
  stream.answered = true;
  stream.reader.reset();
  submitError(id, status);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

Deadline ServerConnection::transferLimit(uint64_t bytes) const {
  return Deadline::clock::now() + options.messageGrace +
         std::chrono::milliseconds(
             bytes * 1000 /
             std::max<uint64_t>(1, options.slowestBytesPerSecond));
}

void ServerConnection::wakeAt(int32_t id, Stream &stream, Deadline when) {
  loop.cancelTimer(stream.timer);
  stream.timer = {};
  if (when != noDeadline)
    stream.timer = loop.runAt(when, [this, id] { tooLate(id); });
}

void ServerConnection::tooLate(int32_t id) {
  Stream *stream = find(id);
  if (!stream)
    return;
  auto keep = shared_from_this();
  if (stream->answered) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  } else if (stream->received) {
    std::shared_ptr<ReceivedCall> call = stream->call.lock();
    stream->answered = true;
    submitError(id, Status(StatusCode::DeadlineExceeded,
                           "the deadline passed before there was an answer"));
    if (call)
      call->cancel();
  } else {
    refuse(id, *stream,
           Status(StatusCode::DeadlineExceeded,
                  "the message came too slowly: it was not here in time"));
  }
  flushLater();
}
