//===- Message.h - Bytes that messages share --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_MESSAGE_H
#define LCP_RUNTIME_RPC_MESSAGE_H

#include "common/base/Span.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lcp::rt {

/// A range of bytes with whatever keeps it alive; copies share it. The bytes do
/// not change while anybody holds one.
class Bytes {
public:
  Bytes() = default;
  Bytes(ByteSpan span, std::shared_ptr<const void> owner)
      : span_(span), owner(std::move(owner)) {}
  static Bytes of(std::string text);

  ByteSpan span() const { return span_; }
  const std::byte *data() const { return span_.data(); }
  size_t size() const { return span_.size(); }

private:
  ByteSpan span_;
  std::shared_ptr<const void> owner;
};

/// A message as a list of ranges, so that a tensor which goes to several peers
/// is in memory once: only the small parts are each message's own.
class Message {
public:
  Message() = default;
  Message(Bytes bytes) { append(std::move(bytes)); }
  Message(std::string text) : Message(Bytes::of(std::move(text))) {}

  void append(Bytes part) {
    size_ += part.size();
    parts_.push_back(std::move(part));
  }
  uint64_t size() const { return size_; }
  const std::vector<Bytes> &parts() const { return parts_; }

private:
  std::vector<Bytes> parts_;
  uint64_t size_ = 0;
};

inline Bytes Bytes::of(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  return Bytes(
      {reinterpret_cast<const std::byte *>(owner->data()), owner->size()},
      owner);
}

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_MESSAGE_H
