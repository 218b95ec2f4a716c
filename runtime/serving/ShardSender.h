//===- ShardSender.h - Shards to other workers ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SHARDSENDER_H
#define LCP_RUNTIME_SERVING_SHARDSENDER_H

#include "runtime/rpc/Channel.h"
#include "runtime/serving/ServedModel.h"
#include "runtime/serving/ShardExchange.h"

namespace lcp::rt {

/// Brings shards to the workers that await them: to others over connections
/// which it makes when they are first needed, to this one without a copy. On
/// the loop's thread only.
class ShardSender {
public:
  using Done = std::function<void(Status)>;
  /// Most workers that it stays connected to.
  static constexpr size_t mostChannels = 32;

  /// `exchange` is this worker's. Without `tls` it reaches workers on loopback
  /// only.
  ShardSender(EventLoop &loop, ShardExchange &exchange,
              std::shared_ptr<const TlsContext> tls)
      : loop(loop), exchange(exchange), tls(std::move(tls)) {}

  void setTls(std::shared_ptr<const TlsContext> context) {
    tls = std::move(context);
  }

  /// `done` is called once: when every target has taken its shard, or with the
  /// first error, which names the worker. Before this returns if it cannot
  /// begin.
  void send(const std::string &request,
            const std::vector<OutgoingShard> &shards, Deadline deadline,
            Done done);

private:
  struct Peer {
    std::string address;
    std::unique_ptr<Channel> channel;
    /// Calls in flight.
    unsigned calls = 0;
    uint64_t lastUse = 0;
  };
  struct Sending {
    size_t open = 0;
    Done done;

    void ended(Status status);
  };

  Result<Peer *> connect(const ShardTarget &target);
  void makeRoom();
  void push(Peer &peer, PushRequest header, const Bytes &contents,
            Deadline deadline, std::shared_ptr<Sending> sending);
  void handOver(PushRequest header, const Bytes &contents,
                std::shared_ptr<Sending> sending);

  EventLoop &loop;
  ShardExchange &exchange;
  std::shared_ptr<const TlsContext> tls;
  /// By address and certificate name.
  std::map<std::pair<std::string, std::string>, Peer> peers;
  uint64_t uses = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SHARDSENDER_H
