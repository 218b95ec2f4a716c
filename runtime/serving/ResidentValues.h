//===- ResidentValues.h - Values that wait for their branch -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a model of several stages, what branch i computes in one stage for itself
// alone stays on its worker until branch i of a later stage takes it.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_RESIDENTVALUES_H
#define LCP_RUNTIME_SERVING_RESIDENTVALUES_H

#include "common/base/Tensor.h"
#include "runtime/platform/Time.h"
#include "runtime/rpc/RpcServer.h"

#include <map>
#include <mutex>
#include <tuple>

namespace lcp::rt {

/// Values by peer, request and key, for as long as their request may run. A
/// peer finds its own only. Safe to use from several threads.
class ResidentValues {
public:
  /// What a value takes besides its bytes and its names.
  static constexpr size_t overhead = 512;
  /// Most characters of an id and a key together.
  static constexpr size_t longestName = 1024;

  /// Most bytes at a time, names and overhead included, so that requests which
  /// nobody finishes cannot fill a small device. One peer gets half of that at
  /// most; when all is taken, the peer that has most loses its oldest values.
  explicit ResidentValues(size_t capacity = size_t(64) << 20)
      : capacity(capacity) {}

  /// Makes the capacity so much at least that `inferences` of a peer, each of
  /// which keeps `values` of together `bytes`, find room.
  void makeRoomFor(unsigned inferences, size_t values, uint64_t bytes);

  /// Copies `data`, as large as `spec`. A deadline further away than a minute
  /// counts as a minute. Fails with ResourceExhausted if the peer has too many
  /// without those whose deadline has passed, with InvalidArgument if id and
  /// key are longer than longestName.
  Status keep(const PeerIdentity &peer, const std::string &request,
              const std::string &key, const TensorSpec &spec, const void *data,
              Deadline deadline);

  /// Copies to `out` what was kept under the key; fails with NotFound if it is
  /// not there (any more), with InvalidArgument if it is of another type or
  /// shape. `last`: nobody will ask for it again.
  Status read(const PeerIdentity &peer, const std::string &request,
              const std::string &key, const TensorSpec &spec, bool last,
              void *out);

  /// Forgets one value, if it is there.
  void release(const PeerIdentity &peer, const std::string &request,
               const std::string &key);
  /// Forgets all that came over this connection.
  void releaseConnection(uint64_t connection);

  /// Bytes taken at the moment.
  size_t size() const;

private:
  /// Owner, request, key.
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Value {
    ElementType type;
    std::vector<int64_t> shape;
    std::vector<char> bytes;
    uint64_t connection;
    std::multimap<Deadline, Key>::iterator deadline;
  };
  using Values = std::map<Key, Value>;

  static size_t cost(const Key &key, uint64_t bytes);
  void erase(Values::iterator value);
  void evict(Deadline now);
  /// Whether there is room, if need be at the expense of who has most.
  bool makeRoom(const std::string &owner, size_t size);

  size_t capacity;
  mutable std::mutex mutex;
  Values values;
  /// The keys of the values, the first to go first.
  std::multimap<Deadline, Key> byDeadline;
  std::map<std::string, size_t> usedBy;
  size_t used = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_RESIDENTVALUES_H
