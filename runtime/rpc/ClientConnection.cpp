//===- ClientConnection.cpp - Calls on one connection ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/ClientConnection.h"

#include "runtime/rpc/HeaderFields.h"
#include "runtime/rpc/WireStatus.h"

#include <algorithm>
#include <optional>

using namespace lcp;
using namespace lcp::rt;

struct ClientConnection::Stream {
  Stream(Channel::CallId call, Message message, uint64_t largestReply,
         std::shared_ptr<MemoryQuota> memory)
      : call(call), writer(std::move(message)),
        reader(largestReply, std::move(memory)) {}

  const Channel::CallId call;
  MessageWriter writer;
  MessageReader reader;
  /// The call has its answer, or wants none.
  bool over = false;
  size_t headerBytes = 0;
  std::string httpStatus, grpcStatus, grpcMessage;
};

ClientConnection::ClientConnection(EventLoop &loop, Socket socket,
                                   const ChannelOptions &options, bool isCalm,
                                   std::string authority, Owner &owner)
    : Http2Connection(loop, std::move(socket),
                      {options.connectTimeout, options.handshakeTimeout,
                       isCalm
                           ? std::max(options.pingAfter, options.calmPingAfter)
                           : options.pingAfter,
                       options.pingTimeout}),
      largestReply(options.largestReply), isCalm(isCalm),
      authority(std::move(authority)),
      memory(std::make_shared<MemoryQuota>(UINT64_MAX)), owner(&owner) {}

ClientConnection::~ClientConnection() = default;

Result<std::shared_ptr<ClientConnection>>
ClientConnection::connect(EventLoop &loop, const Endpoint &server,
                          const ChannelOptions &options, bool isCalm,
                          Owner &owner) {
  LCP_ASSIGN_OR_RETURN(int descriptor, Socket::beginConnect(server.numeric));
  Socket socket(descriptor, options.tls, TlsContext::End::Client);
  LCP_RETURN_IF_ERROR(socket.expectName(
      options.certificateName.empty() ? server.host : options.certificateName));
  std::shared_ptr<ClientConnection> connection(new ClientConnection(
      loop, std::move(socket), options, isCalm, server.numeric, owner));
  LCP_RETURN_IF_ERROR(connection->begin(nghttp2_session_client_new2,
                                        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                        Phase::Connecting));
  return connection;
}

ClientConnection::Stream *ClientConnection::find(int32_t id) {
  auto found = streams.find(id);
  return found == streams.end() ? nullptr : found->second.get();
}

//===----------------------------------------------------------------------===//
// What leaves
//===----------------------------------------------------------------------===//

Result<int32_t> ClientConnection::send(Channel::CallId call,
                                       const std::string &method,
                                       Message message, Deadline deadline) {
  auto stream =
      std::make_unique<Stream>(call, std::move(message), largestReply, memory);
  nghttp2_data_provider provider = {};
  provider.source.ptr = &stream->writer;
  provider.read_callback = readMessage;
  std::string timeout =
      deadline == noDeadline ? std::string() : formatTimeout(deadline);
  HeaderFields fields = {
      {":method", "POST"}, {":scheme", socket().usesTls() ? "https" : "http"},
      {":path", method},   {":authority", authority},
      {"te", "trailers"},  {"content-type", "application/grpc"}};
  if (!timeout.empty())
    fields.add({"grpc-timeout", timeout, /*unique=*/true});
  int32_t id = nghttp2_submit_request(session, nullptr, fields.data(),
                                      fields.count(), &provider, nullptr);
  if (id < 0)
    return Status(StatusCode::Unavailable, nghttp2_strerror(id));
  streams.emplace(id, std::move(stream));
  flushLater();
  return id;
}

ssize_t ClientConnection::readMessage(nghttp2_session *, int32_t, uint8_t *,
                                      size_t length, uint32_t *flags,
                                      nghttp2_data_source *source, void *) {
  uint64_t left = static_cast<MessageWriter *>(source->ptr)->left();
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (left <= length)
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  return ssize_t(std::min<uint64_t>(left, length));
}

void ClientConnection::reset(int32_t id) {
  Stream *stream = find(id);
  if (!stream)
    return;
  // The stream stays until nghttp2 has let go of it.
  stream->over = true;
  stream->writer.abandon();
  nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  flushLater();
}

void ClientConnection::abandon() {
  owner = nullptr;
  close(Status(StatusCode::Unavailable, "nobody uses it any more"));
}

//===----------------------------------------------------------------------===//
// What arrives
//===----------------------------------------------------------------------===//

void ClientConnection::onOpen() {
  open = true;
  if (owner)
    owner->opened(*this);
}

void ClientConnection::onClosed(const Status &reason) {
  // Not destroyed yet: nghttp2 may be at work on them.
  lost = std::move(streams);
  streams.clear();
  for (auto &[id, stream] : lost)
    if (!stream->over && owner)
      owner->answered(stream->call, reason);
  if (owner)
    owner->closed(*this, open, reason);
}

int ClientConnection::onHeader(const nghttp2_frame &frame,
                               std::string_view name, std::string_view value) {
  Stream *stream = find(frame.hd.stream_id);
  if (!stream || stream->over)
    return 0;
  stream->headerBytes += name.size() + value.size() + 32;
  if (stream->headerBytes > largestHeaders)
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (name == ":status")
    stream->httpStatus = value;
  else if (name == "grpc-status")
    stream->grpcStatus = value;
  else if (name == "grpc-message")
    stream->grpcMessage = value;
  return 0;
}

void ClientConnection::onData(int32_t id, const uint8_t *data, size_t size) {
  Stream *stream = find(id);
  if (!stream || stream->over || stream->httpStatus != "200")
    return;
  if (Status added = stream->reader.add(data, size); !added.ok()) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    finish(*stream, std::move(added).withContext("its answer"));
  }
}

/// As gRPC's servers say it (gRFC A8).
static bool asksForCalm(const nghttp2_goaway &goaway) {
  constexpr std::string_view tooManyPings = "too_many_pings";
  return goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM &&
         goaway.opaque_data_len == tooManyPings.size() &&
         std::equal(tooManyPings.begin(), tooManyPings.end(),
                    goaway.opaque_data);
}

void ClientConnection::onFrame(const nghttp2_frame &frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY && owner) {
    if (asksForCalm(frame.goaway))
      owner->askedForCalm();
    return owner->leaving(*this);
  }
  if ((frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) ||
      !(frame.hd.flags & NGHTTP2_FLAG_END_STREAM))
    return;
  Stream *stream = find(frame.hd.stream_id);
  if (!stream || stream->over)
    return;
  // An answer before the whole message was sent: no more of it is wanted.
  if (nghttp2_session_get_stream_local_close(session, frame.hd.stream_id) == 0)
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              NGHTTP2_CANCEL);
  finish(*stream, judge(*stream, NGHTTP2_NO_ERROR));
}

void ClientConnection::onStreamClosed(int32_t id, uint32_t errorCode) {
  auto found = streams.find(id);
  if (found == streams.end())
    return;
  std::unique_ptr<Stream> stream = std::move(found->second);
  streams.erase(found);
  if (!stream->over)
    finish(*stream, judge(*stream, errorCode));
}

void ClientConnection::finish(Stream &stream, Result<Bytes> answer) {
  stream.over = true;
  stream.writer.abandon();
  if (owner)
    owner->answered(stream.call, std::move(answer));
}

/// What a stream that was reset means to the call.
static Status explainReset(uint32_t errorCode) {
  switch (errorCode) {
  case NGHTTP2_REFUSED_STREAM:
    return Status(StatusCode::Unavailable, "it takes no more calls");
  case NGHTTP2_ENHANCE_YOUR_CALM:
    return Status(StatusCode::ResourceExhausted, "it was asked too much");
  case NGHTTP2_CANCEL:
    return Status(StatusCode::Unavailable, "it stopped before it answered");
  default:
    return Status(StatusCode::Corrupt,
                  std::string("its answer is malformed (") +
                      nghttp2_http2_strerror(errorCode) + ")");
  }
}

Result<Bytes> ClientConnection::judge(Stream &stream, uint32_t errorCode) {
  if (stream.grpcStatus.empty() && errorCode != NGHTTP2_NO_ERROR)
    return explainReset(errorCode);
  if (stream.httpStatus != "200")
    return Status(stream.httpStatus == "503" ? StatusCode::Unavailable
                                             : StatusCode::Corrupt,
                  "it answered with HTTP status " +
                      stream.httpStatus.substr(0, 3) + ", which is no gRPC");
  const std::string &text = stream.grpcStatus;
  bool number = !text.empty() && text.size() <= 3 &&
                text.find_first_not_of("0123456789") == std::string::npos;
  if (!number)
    return Status(StatusCode::Corrupt, "its answer has no gRPC status");
  if (unsigned code = unsigned(std::stoul(text)); code != 0)
    return statusFromWire(code, percentDecode(stream.grpcMessage));
  if (!stream.reader.complete())
    return Status(StatusCode::Corrupt, "its answer is cut off");
  return stream.reader.take();
}
