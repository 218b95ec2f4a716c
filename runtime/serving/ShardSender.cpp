//===- ShardSender.cpp - Shards to other workers --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ShardSender.h"

#include "runtime/rpc/Codec.h"
#include "runtime/serving/SplitMessage.h"

#include "shard_exchange.pb.h"

using namespace lcp;
using namespace lcp::rt;

/// Makes room by leaving the worker that was not needed for longest.
void ShardSender::makeRoom() {
  auto longest = peers.end();
  for (auto peer = peers.begin(); peer != peers.end(); ++peer)
    if (peer->second.calls == 0 &&
        (longest == peers.end() ||
         peer->second.lastUse < longest->second.lastUse))
      longest = peer;
  if (longest != peers.end())
    peers.erase(longest);
}

Result<ShardSender::Peer *> ShardSender::connect(const ShardTarget &target) {
  auto key = std::make_pair(target.address, target.certificateName);
  auto found = peers.find(key);
  if (found == peers.end()) {
    // Numeric already: nobody is asked for it.
    LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(target.address));
    if (!endpoint.loopback && !tls)
      return Status(StatusCode::Untrusted,
                    "it is on another machine: that needs --tls=DIR");
    if (peers.size() == mostChannels)
      makeRoom();
    if (peers.size() == mostChannels)
      return Status(StatusCode::ResourceExhausted,
                    "shards are on their way to too many workers");
    ChannelOptions options;
    options.tls = tls;
    options.certificateName = target.certificateName;
    found = peers.emplace(std::move(key), Peer()).first;
    found->second.channel =
        std::make_unique<Channel>(loop, std::move(endpoint), options);
  }
  found->second.lastUse = ++uses;
  return &found->second;
}

void ShardSender::push(Peer &peer, const std::string &request,
                       const OutgoingShard &shard, const ShardTarget &target,
                       Deadline deadline, std::shared_ptr<Sending> sending) {
  PushRequest header;
  header.set_request_id(request);
  header.set_key(target.key);
  header.set_datatype(datatypeName(shard.spec->type));
  header.mutable_shape()->Assign(shard.spec->shape.begin(),
                                 shard.spec->shape.end());
  std::string head = header.SerializeAsString();
  appendFieldHead(head, PushRequest::kContentsFieldNumber, shard.bytes.size());
  Message message(std::move(head));
  message.append(shard.bytes);
  auto finished = [&peer, sending,
                   address = target.address](Result<Bytes> answer) {
    --peer.calls;
    if (sending->open == 0)
      return;
    if (answer.ok() && --sending->open != 0)
      return;
    sending->open = 0;
    Done done = std::move(sending->done);
    done(answer.ok() ? Status()
                     : Status(answer.status().code(),
                              "a shard for worker " + address + ": " +
                                  answer.status().message()));
  };
  peer.channel->call("/lcp.ShardExchange/Push", std::move(message), deadline,
                     std::move(finished));
}

void ShardSender::send(const std::string &request,
                       const std::vector<OutgoingShard> &shards,
                       Deadline deadline, Done done) {
  struct Push {
    Peer *peer;
    const OutgoingShard *shard;
    const ShardTarget *target;
  };
  std::vector<Push> pushes;
  for (const OutgoingShard &shard : shards)
    for (const ShardTarget &target : shard.targets) {
      Result<Peer *> peer = connect(target);
      if (!peer.ok()) {
        for (const Push &push : pushes)
          --push.peer->calls;
        return done(Status(peer.status().code(), "worker " + target.address +
                                                     ": " +
                                                     peer.status().message()));
      }
      // Counted now, so that no later one of these makes room by it.
      ++(*peer)->calls;
      pushes.push_back({*peer, &shard, &target});
    }
  auto sending = std::make_shared<Sending>();
  sending->open = pushes.size();
  sending->done = std::move(done);
  for (const Push &push : pushes)
    this->push(*push.peer, request, *push.shard, *push.target, deadline,
               sending);
}
