//===- MemoryQuota.h - How much messages may take ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_MEMORYQUOTA_H
#define LCP_RUNTIME_RPC_MEMORYQUOTA_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace lcp::rt {

/// Bytes that may be taken, counted before they are. From any thread.
class MemoryQuota {
public:
  /// What is charged here is charged to `whole` as well, if that is set.
  explicit MemoryQuota(uint64_t limit,
                       std::shared_ptr<MemoryQuota> whole = nullptr)
      : limit(limit), whole(std::move(whole)) {}

  /// False, and nothing charged, if that is too much.
  bool charge(uint64_t bytes) {
    uint64_t before = used.fetch_add(bytes);
    if (before + bytes <= limit && (!whole || whole->charge(bytes)))
      return true;
    used.fetch_sub(bytes);
    return false;
  }
  void release(uint64_t bytes) {
    used.fetch_sub(bytes);
    if (whole)
      whole->release(bytes);
  }

private:
  const uint64_t limit;
  const std::shared_ptr<MemoryQuota> whole;
  std::atomic<uint64_t> used{0};
};

/// Bytes of a quota, given back at the end.
class MemoryCharge {
public:
  MemoryCharge() = default;
  explicit MemoryCharge(std::shared_ptr<MemoryQuota> quota)
      : quota(std::move(quota)) {}
  MemoryCharge(MemoryCharge &&other) noexcept
      : quota(std::move(other.quota)), bytes(std::exchange(other.bytes, 0)) {}
  MemoryCharge &operator=(MemoryCharge &&other) noexcept {
    std::swap(quota, other.quota);
    std::swap(bytes, other.bytes);
    return *this;
  }
  ~MemoryCharge() {
    if (bytes)
      quota->release(bytes);
  }

  /// False, and nothing added, if the quota has no more.
  bool add(uint64_t more) {
    if (!quota->charge(more))
      return false;
    bytes += more;
    return true;
  }

private:
  std::shared_ptr<MemoryQuota> quota;
  uint64_t bytes = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_MEMORYQUOTA_H
