//===- ShardExchange.h - Shards that other workers push here ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SHARDEXCHANGE_H
#define LCP_RUNTIME_SERVING_SHARDEXCHANGE_H

#include "runtime/rpc/RpcServer.h"
#include "runtime/serving/InferRequest.h"

#include "shard_exchange.pb.h"

namespace lcp::rt {

/// A shard on its way to those who await it.
struct Shard {
  /// All but the contents, which live by `owner`.
  PushRequest header;
  ByteSpan contents;
  std::shared_ptr<const void> owner;
  /// Gets Ok once all takers have it, or why it was refused.
  std::function<void(Status)> answer;
};

/// Brings pushed shards and the requests that await them together, whichever
/// comes first. On the loop's thread only.
class ShardExchange {
public:
  using WaiterId = uint64_t;
  /// Most requests that wait, and most shards that somebody is still to await.
  static constexpr size_t mostWaiters = 1024, mostEarly = 256;
  /// How long a shard may be early: on a slow link, the request that awaits it
  /// may come behind megabytes of others.
  static constexpr std::chrono::milliseconds patience{3000};

  explicit ShardExchange(EventLoop &loop) : loop(loop) {}
  ~ShardExchange();

  /// Calls `ready` once every awaited input of `request` has its contents;
  /// gives 0 and does not call it if nothing is missing. Shards that do not fit
  /// the signature are refused. Both references live until then, or until
  /// leave(). Fails with ResourceExhausted if too many wait.
  Result<WaiterId> await(InferRequest &request, const ModelSignature &signature,
                         std::function<void()> ready);

  /// The request does not wait any more; `ready` is not called.
  void leave(WaiterId waiter);

  /// Takes the shard of a call, and answers it.
  void push(std::shared_ptr<ServerCall> call);

  /// Takes a shard.
  void take(Shard shard);

private:
  /// A request's id and a key.
  using Key = std::pair<std::string, std::string>;
  struct EarlyShard {
    Shard shard;
    EventLoop::TimerId timer;
    /// Takers who have not come.
    size_t missing;
  };
  struct Waiter {
    std::function<void()> ready;
    size_t missing = 0;
  };
  struct Place {
    WaiterId waiter;
    AwaitedShard *awaited;
    const TensorSpec *spec;
  };

  bool hand(Shard &shard, const TensorSpec &spec, AwaitedShard &awaited);
  bool takeEarly(const Key &key, const TensorSpec &spec, AwaitedShard &awaited);
  void holdEarly(Key key, Shard shard, size_t missing);
  void dropEarly(const Key &key);

  EventLoop &loop;
  std::map<WaiterId, Waiter> waiters;
  std::multimap<Key, Place> places;
  std::map<Key, EarlyShard> early;
  WaiterId lastWaiter = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SHARDEXCHANGE_H
