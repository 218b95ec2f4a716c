//===- RawHttp2.h - HTTP/2 by hand, right and wrong -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_RPC_RAWHTTP2_H
#define LCP_TEST_UNIT_RPC_RAWHTTP2_H

#include "runtime/rpc/Address.h"

#include <cstdint>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace lcp::rt::test {

enum FrameType : uint8_t {
  DataFrame = 0,
  HeadersFrame = 1,
  ResetFrame = 3,
  SettingsFrame = 4,
  PingFrame = 6,
  GoawayFrame = 7,
  ContinuationFrame = 9
};
enum FrameFlags : uint8_t { EndStream = 1, Ack = 1, EndHeaders = 4 };

inline std::string frame(FrameType type, uint8_t flags, uint32_t stream,
                         const std::string &payload) {
  std::string bytes;
  for (int shift : {16, 8, 0})
    bytes.push_back(char(payload.size() >> shift));
  bytes.push_back(char(type));
  bytes.push_back(char(flags));
  for (int shift : {24, 16, 8, 0})
    bytes.push_back(char(stream >> shift));
  return bytes + payload;
}

/// Header fields as literals that are not indexed, each under 127 bytes.
inline std::string
fields(const std::vector<std::pair<std::string, std::string>> &list) {
  std::string bytes;
  for (auto &[name, value] : list) {
    bytes.push_back(0);
    bytes.push_back(char(name.size()));
    bytes += name;
    bytes.push_back(char(value.size()));
    bytes += value;
  }
  return bytes;
}

inline const std::string clientPreface =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SettingsFrame, 0, 0, "");

/// The header fields of a call of "/test/echo".
inline std::string callFields() {
  return fields({{":method", "POST"},
                 {":scheme", "http"},
                 {":path", "/test/echo"},
                 {":authority", "test"},
                 {"te", "trailers"},
                 {"content-type", "application/grpc"}});
}

/// A length prefix that states `size` bytes.
inline std::string prefix(uint32_t size) {
  std::string bytes(1, '\0');
  for (int shift : {24, 16, 8, 0})
    bytes.push_back(char(size >> shift));
  return bytes;
}

/// A blocking TCP connection.
class RawSocket {
public:
  explicit RawSocket(int descriptor) : descriptor(descriptor) {}
  explicit RawSocket(const std::string &address) {
    SocketAddress target = *parseNumericAddress(address);
    descriptor = socket(target.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(descriptor, target.get(), target.size) != 0)
      shut();
  }
  RawSocket(RawSocket &&other) noexcept
      : descriptor(std::exchange(other.descriptor, -1)) {}
  ~RawSocket() { shut(); }

  bool connected() const { return descriptor >= 0; }
  bool send(const std::string &bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      ssize_t count = ::send(descriptor, bytes.data() + sent,
                             bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0)
        return false;
      sent += size_t(count);
    }
    return true;
  }
  /// Until the peer closes or nothing comes for `patience` milliseconds; then
  /// `closed` says which.
  std::string receive(int patience) {
    std::string bytes;
    pollfd poll = {descriptor, POLLIN, 0};
    closed = false;
    while (::poll(&poll, 1, patience) == 1) {
      char buffer[16384];
      ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
      if (count <= 0) {
        closed = true;
        break;
      }
      bytes.append(buffer, size_t(count));
    }
    return bytes;
  }
  void shut() {
    if (descriptor >= 0)
      ::close(std::exchange(descriptor, -1));
  }

  bool closed = false;
  int descriptor = -1;
};

struct ReceivedFrame {
  uint8_t type, flags;
  uint32_t stream;
  std::string payload;
};

inline std::vector<ReceivedFrame> parseFrames(const std::string &bytes) {
  std::vector<ReceivedFrame> frames;
  auto at = [&](size_t i) { return uint32_t(uint8_t(bytes[i])); };
  for (size_t i = 0; i + 9 <= bytes.size();) {
    size_t size = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    uint32_t stream =
        at(i + 5) << 24 | at(i + 6) << 16 | at(i + 7) << 8 | at(i + 8);
    frames.push_back({uint8_t(bytes[i + 3]), uint8_t(bytes[i + 4]), stream,
                      bytes.substr(i + 9, size)});
    i += 9 + size;
  }
  return frames;
}

inline bool hasFrame(const std::string &bytes, FrameType type,
                     uint32_t stream) {
  for (const ReceivedFrame &frame : parseFrames(bytes))
    if (frame.type == type && frame.stream == stream)
      return true;
  return false;
}

/// The words of all errors in what a server sent.
inline std::string errorWords(const std::string &bytes) {
  std::string words;
  nghttp2_hd_inflater *inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  for (ReceivedFrame &frame : parseFrames(bytes)) {
    auto *next = reinterpret_cast<uint8_t *>(frame.payload.data());
    size_t left = frame.type == HeadersFrame ? frame.payload.size() : 0;
    while (left != 0) {
      nghttp2_nv field = {};
      int flags = 0;
      ssize_t used =
          nghttp2_hd_inflate_hd2(inflater, &field, &flags, next, left, 1);
      if (used < 0)
        break;
      next += used;
      left -= size_t(used);
      std::string name(reinterpret_cast<char *>(field.name), field.namelen);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) && name == "grpc-message")
        words.append(reinterpret_cast<char *>(field.value), field.valuelen);
    }
    if (frame.type == HeadersFrame)
      nghttp2_hd_inflate_end_headers(inflater);
  }
  nghttp2_hd_inflate_del(inflater);
  return words;
}

/// Listens on a loopback port; each connection is the function's, on a thread.
class RawServer {
public:
  template <typename Function> explicit RawServer(Function serve) {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SocketAddress any = *parseNumericAddress("127.0.0.1:0");
    if (bind(listener, any.get(), any.size) != 0 || listen(listener, 64) != 0)
      return;
    sockaddr_storage bound = {};
    socklen_t size = sizeof bound;
    getsockname(listener, reinterpret_cast<sockaddr *>(&bound), &size);
    address = formatAddress(reinterpret_cast<sockaddr *>(&bound), size);
    thread = std::thread([this, serve] {
      for (;;) {
        int descriptor = accept(listener, nullptr, nullptr);
        if (descriptor < 0)
          return;
        peers.emplace_back(
            [descriptor, serve] { serve(RawSocket(descriptor)); });
      }
    });
  }
  ~RawServer() {
    shutdown(listener, SHUT_RDWR);
    thread.join();
    close(listener);
    for (std::thread &peer : peers)
      peer.join();
  }

  std::string address;

private:
  int listener = -1;
  std::thread thread;
  std::vector<std::thread> peers;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_RPC_RAWHTTP2_H
