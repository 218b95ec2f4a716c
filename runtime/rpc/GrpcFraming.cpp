//===- GrpcFraming.cpp - What gRPC adds to HTTP/2 -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/GrpcFraming.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;
using Nanoseconds = std::chrono::nanoseconds;

//===----------------------------------------------------------------------===//
// Header fields
//===----------------------------------------------------------------------===//

namespace {
struct Unit {
  char letter;
  int64_t nanoseconds;
};
} // namespace

constexpr Unit units[] = {{'n', 1},           {'u', 1000},
                          {'m', 1000000},     {'S', 1000000000},
                          {'M', 60000000000}, {'H', 3600000000000}};
constexpr int64_t largestTimeout = 99999999;

Result<Deadline> lcp::rt::parseTimeout(std::string_view text) {
  constexpr auto tenYears = std::chrono::hours(24 * 3650);
  int64_t value = 0;
  bool digits = text.size() >= 2 && text.size() <= 9;
  for (size_t i = 0; digits && i + 1 < text.size(); ++i) {
    digits = text[i] >= '0' && text[i] <= '9';
    value = 10 * value + (text[i] - '0');
  }
  for (const Unit &unit : units) {
    if (!digits || unit.letter != text.back())
      continue;
    if (value > Nanoseconds(tenYears).count() / unit.nanoseconds)
      return noDeadline;
    return Deadline::clock::now() + Nanoseconds(value * unit.nanoseconds);
  }
  return Status(StatusCode::InvalidArgument,
                "grpc-timeout is not a number of up to eight digits and a unit "
                "(H, M, S, m, u, n)");
}

std::string lcp::rt::formatTimeout(Deadline deadline) {
  int64_t left = std::max<int64_t>(
      Nanoseconds(deadline - Deadline::clock::now()).count(), 1);
  for (const Unit &unit : units) {
    int64_t value = left / unit.nanoseconds + (left % unit.nanoseconds != 0);
    if (value <= largestTimeout)
      return std::to_string(value) + unit.letter;
  }
  return std::to_string(largestTimeout) + 'H';
}

std::string lcp::rt::percentEncode(std::string_view words) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned char c : words) {
    if (c >= ' ' && c <= '~' && c != '%') {
      text.push_back(char(c));
      continue;
    }
    text.push_back('%');
    text.push_back(digits[c >> 4]);
    text.push_back(digits[c & 15]);
  }
  return text;
}

static int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = char(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string lcp::rt::percentDecode(std::string_view text) {
  std::string words;
  for (size_t i = 0; i < text.size(); ++i) {
    bool pair = text[i] == '%' && i + 2 < text.size() &&
                hexDigit(text[i + 1]) >= 0 && hexDigit(text[i + 2]) >= 0;
    words.push_back(
        pair ? char(hexDigit(text[i + 1]) << 4 | hexDigit(text[i + 2]))
             : text[i]);
    i += pair ? 2 : 0;
  }
  return words;
}

//===----------------------------------------------------------------------===//
// MessageReader
//===----------------------------------------------------------------------===//

/// By malloc, whose failure is a value, and which can grow large blocks
/// without copying them.
struct MessageReader::Buffer {
  explicit Buffer(std::shared_ptr<MemoryQuota> quota)
      : charge(std::move(quota)) {}
  ~Buffer() { std::free(data); }

  uint8_t *data = nullptr;
  uint64_t capacity = 0;
  MemoryCharge charge;
};

MessageReader::MessageReader(uint64_t largest,
                             std::shared_ptr<MemoryQuota> quota)
    : largest(largest), quota(std::move(quota)) {}

MessageReader::~MessageReader() = default;

Status MessageReader::readPrefix() {
  for (size_t i = 1; i < messagePrefixBytes; ++i)
    stated = stated << 8 | prefix[i];
  if (prefix[0] != 0)
    return Status(StatusCode::Unsupported,
                  "compressed messages are not understood here");
  if (stated > largest)
    return Status(StatusCode::ResourceExhausted,
                  "a message of " + std::to_string(stated) +
                      " bytes; the most here is " + std::to_string(largest));
  return Status();
}

Status MessageReader::grow(size_t needed) {
  constexpr uint64_t first = 64 << 10;
  if (!buffer)
    buffer = std::make_shared<Buffer>(quota);
  if (needed <= buffer->capacity)
    return Status();
  uint64_t capacity = std::max({uint64_t(needed), first, 2 * buffer->capacity});
  capacity = std::min(capacity, stated);
  if (!buffer->charge.add(capacity - buffer->capacity))
    return Status(StatusCode::ResourceExhausted,
                  "too many bytes of messages are on their way here; ask again "
                  "later");
  auto *grown =
      static_cast<uint8_t *>(std::realloc(buffer->data, size_t(capacity)));
  if (!grown)
    return Status(StatusCode::ResourceExhausted, "no memory for a message of " +
                                                     std::to_string(stated) +
                                                     " bytes");
  buffer->data = grown;
  buffer->capacity = capacity;
  return Status();
}

Status MessageReader::add(const uint8_t *data, size_t size) {
  size_t ofPrefix = std::min(size, messagePrefixBytes - prefixBytes);
  if (ofPrefix != 0) {
    std::memcpy(prefix + prefixBytes, data, ofPrefix);
    prefixBytes += ofPrefix;
    data += ofPrefix;
    size -= ofPrefix;
    if (prefixBytes == messagePrefixBytes)
      LCP_RETURN_IF_ERROR(readPrefix());
  }
  if (size == 0)
    return Status();
  if (size > stated - received)
    return Status(StatusCode::Corrupt,
                  "more bytes than one message in a call that has one");
  LCP_RETURN_IF_ERROR(grow(size_t(received + size)));
  std::memcpy(buffer->data + received, data, size);
  received += size;
  return Status();
}

Bytes MessageReader::take() {
  if (!buffer)
    return Bytes();
  ByteSpan span(reinterpret_cast<const std::byte *>(buffer->data),
                size_t(received));
  return Bytes(span, std::move(buffer));
}

//===----------------------------------------------------------------------===//
// MessageWriter
//===----------------------------------------------------------------------===//

MessageWriter::MessageWriter(Message message)
    : message(std::move(message)),
      left_(messagePrefixBytes + this->message.size()) {
  prefix[0] = 0;
  for (size_t i = 1; i < messagePrefixBytes; ++i)
    prefix[i] = uint8_t(this->message.size() >> (8 * (4 - i)));
}

void MessageWriter::read(uint8_t *out, size_t size) {
  left_ -= size;
  size_t ofPrefix = std::min(size, messagePrefixBytes - prefixRead);
  std::memcpy(out, prefix + prefixRead, ofPrefix);
  prefixRead += ofPrefix;
  out += ofPrefix;
  size -= ofPrefix;
  if (abandoned) {
    std::memset(out, 0, size);
    return;
  }
  while (size != 0) {
    ByteSpan from = message.parts()[part].span();
    size_t count = std::min(size, from.size() - offset);
    std::memcpy(out, from.data() + offset, count);
    out += count;
    size -= count;
    offset += count;
    if (offset == from.size()) {
      ++part;
      offset = 0;
    }
  }
}

void MessageWriter::abandon() {
  abandoned = true;
  message = Message();
}
