//===- GrpcFraming.h - What gRPC adds to HTTP/2 -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc. A message in a stream is five bytes (a flag, the
// length in big-endian order) and its contents; deadlines are header fields,
// and so are the words of an error.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_GRPCFRAMING_H
#define LCP_RUNTIME_RPC_GRPCFRAMING_H

#include "common/base/Status.h"
#include "runtime/platform/Time.h"
#include "runtime/rpc/MemoryQuota.h"
#include "runtime/rpc/Message.h"

namespace lcp::rt {

constexpr size_t messagePrefixBytes = 5;

/// "250m" as the moment that far from now. What would be more than ten years is
/// no deadline at all. Fails if it is not one to eight digits and a unit.
Result<Deadline> parseTimeout(std::string_view text);
/// In the finest unit that its eight digits hold, rounded up; not for
/// noDeadline.
std::string formatTimeout(Deadline deadline);

/// The words of an error for a header field, %XX for what cannot stand there.
std::string percentEncode(std::string_view words);
/// What is no encoding stays as it is.
std::string percentDecode(std::string_view text);

/// The one message of a stream as it arrives. Memory is charged to the quota
/// before it is taken, and grows with what has come: a length that a peer
/// states costs nothing.
class MessageReader {
public:
  MessageReader(uint64_t largest, std::shared_ptr<MemoryQuota> quota);
  ~MessageReader();

  /// Fails with ResourceExhausted as soon as the stated length is too large or
  /// the quota has no more, Unsupported if the message is compressed, Corrupt
  /// if more than one message comes.
  Status add(const uint8_t *data, size_t size);
  bool complete() const { return prefixBytes == 5 && received == stated; }
  /// As the prefix says; 0 before it came.
  uint64_t statedBytes() const { return stated; }
  /// Of a complete message. The charge goes with the bytes.
  Bytes take();

private:
  struct Buffer;
  Status readPrefix();
  Status grow(size_t needed);

  const uint64_t largest;
  std::shared_ptr<MemoryQuota> quota;
  uint8_t prefix[messagePrefixBytes];
  size_t prefixBytes = 0;
  uint64_t stated = 0, received = 0;
  std::shared_ptr<Buffer> buffer;
};

/// A message with its prefix, read from front to back.
class MessageWriter {
public:
  explicit MessageWriter(Message message);

  uint64_t left() const { return left_; }
  /// Copies the next `size` bytes, of which there are as many.
  void read(uint8_t *out, size_t size);
  /// Lets go of the message; what is still read of it is zeros.
  void abandon();

private:
  Message message;
  uint8_t prefix[messagePrefixBytes];
  uint64_t left_;
  bool abandoned = false;
  size_t prefixRead = 0;
  size_t part = 0, offset = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_GRPCFRAMING_H
