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
    found->second.address = target.address;
    found->second.channel =
        std::make_unique<Channel>(loop, std::move(endpoint), options);
  }
  found->second.lastUse = ++uses;
  return &found->second;
}

static PushRequest describeShard(const std::string &request,
                                 const OutgoingShard &shard,
                                 const ShardTarget &target) {
  PushRequest header;
  header.set_request_id(request);
  header.set_key(target.key);
  header.set_datatype(datatypeName(shard.spec->type));
  header.mutable_shape()->Assign(shard.spec->shape.begin(),
                                 shard.spec->shape.end());
  header.set_takers(target.takers);
  return header;
}

/// One of them is over.
void ShardSender::Sending::ended(Status status) {
  if (open == 0)
    return;
  if (status.ok() && --open != 0)
    return;
  open = 0;
  Done conclusion = std::move(done);
  conclusion(std::move(status));
}

void ShardSender::push(Peer &peer, PushRequest header, const Bytes &contents,
                       Deadline deadline, std::shared_ptr<Sending> sending) {
  std::string head = header.SerializeAsString();
  appendFieldHead(head, PushRequest::kContentsFieldNumber, contents.size());
  Message message(std::move(head));
  message.append(contents);
  auto finished = [&peer, sending](Result<Bytes> answer) {
    --peer.calls;
    sending->ended(answer.ok() ? Status()
                               : Status(answer.status().code(),
                                        "a shard for worker " + peer.address +
                                            ": " + answer.status().message()));
  };
  peer.channel->call("/lcp.ShardExchange/Push", std::move(message), deadline,
                     std::move(finished));
}

void ShardSender::handOver(PushRequest header, const Bytes &contents,
                           std::shared_ptr<Sending> sending) {
  Shard shard;
  shard.header = std::move(header);
  auto owner = std::make_shared<const Bytes>(contents);
  shard.contents = owner->span();
  shard.owner = std::move(owner);
  shard.answer = [sending](Status status) {
    sending->ended(std::move(status));
  };
  exchange.take(std::move(shard));
}

void ShardSender::send(const std::string &request,
                       const std::vector<OutgoingShard> &shards,
                       Deadline deadline, Done done) {
  struct Push {
    /// Null: this worker.
    Peer *peer;
    const OutgoingShard *shard;
    const ShardTarget *target;
  };
  std::vector<Push> pushes;
  for (const OutgoingShard &shard : shards)
    for (const ShardTarget &target : shard.targets) {
      Push push{nullptr, &shard, &target};
      if (!target.address.empty()) {
        Result<Peer *> peer = connect(target);
        if (!peer.ok()) {
          for (const Push &other : pushes)
            if (other.peer)
              --other.peer->calls;
          return done(Status(peer.status().code(),
                             "a shard for worker " + target.address + ": " +
                                 peer.status().message()));
        }
        push.peer = *peer;
        // Counted now, so that no later one of these makes room by it.
        ++push.peer->calls;
      }
      pushes.push_back(push);
    }
  auto sending = std::make_shared<Sending>();
  sending->open = pushes.size();
  sending->done = std::move(done);
  for (const Push &push : pushes) {
    PushRequest header = describeShard(request, *push.shard, *push.target);
    if (push.peer)
      this->push(*push.peer, std::move(header), push.shard->bytes, deadline,
                 sending);
    else
      handOver(std::move(header), push.shard->bytes, sending);
  }
}
