//===- ShardExchange.cpp - Shards that other workers push here ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ShardExchange.h"

#include "common/base/Printable.h"
#include "runtime/rpc/Codec.h"
#include "runtime/serving/SplitMessage.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

static std::string quoted(const std::string &name) {
  return "'" + printable(name.substr(0, 128)) + "'";
}

ShardExchange::~ShardExchange() {
  for (auto &[key, held] : early)
    loop.cancelTimer(held.timer);
}

static Status checkShard(const PushRequest &header, ByteSpan contents,
                         const TensorSpec &spec) {
  LCP_RETURN_IF_ERROR(checkTensor(header.datatype(), header.shape(), spec));
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  if (contents.size() == bytes)
    return Status();
  return Status(StatusCode::InvalidArgument,
                "tensor '" + spec.name +
                    "': " + std::to_string(contents.size()) +
                    " bytes were pushed instead of " + std::to_string(bytes));
}

/// The server that answers with it logs it, and who pushed.
static void refuse(Shard &shard, Status status) {
  shard.answer(
      std::move(status).withContext("shard " + quoted(shard.header.key())));
}

/// The contents stay where they came in.
bool ShardExchange::hand(Shard &shard, const TensorSpec &spec,
                         AwaitedShard &awaited) {
  Status fits = checkShard(shard.header, shard.contents, spec);
  if (!fits.ok()) {
    refuse(shard, std::move(fits));
    return false;
  }
  awaited.contents = shard.contents;
  awaited.owner = shard.owner;
  return true;
}

/// Whether the shard is there.
bool ShardExchange::takeEarly(const Key &key, const TensorSpec &spec,
                              AwaitedShard &awaited) {
  auto found = early.find(key);
  if (found == early.end())
    return false;
  const bool fits = hand(found->second.shard, spec, awaited);
  if (fits && --found->second.missing != 0)
    return true;
  EarlyShard over = std::move(found->second);
  early.erase(found);
  loop.cancelTimer(over.timer);
  if (fits)
    over.shard.answer(Status());
  return fits;
}

/// The shard at `place` of the input's, as it should be.
static const TensorSpec &specOf(const ModelSignature &signature, size_t input,
                                size_t shards, size_t place) {
  return shards == signature.pieceCount(input) ? signature.pieces[input][place]
                                               : signature.inputs[input];
}

Result<ShardExchange::WaiterId>
ShardExchange::await(InferRequest &request, const ModelSignature &signature,
                     std::function<void()> ready) {
  const WaiterId id = ++lastWaiter;
  std::vector<std::pair<Key, Place>> missing;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    std::vector<AwaitedShard> &shards = request.inputs[i].awaited;
    for (size_t place = 0; place < shards.size(); ++place) {
      const TensorSpec &spec = specOf(signature, i, shards.size(), place);
      Key key(request.id, shards[place].key);
      if (!takeEarly(key, spec, shards[place]))
        missing.emplace_back(std::move(key), Place{id, &shards[place], &spec});
    }
  }
  if (missing.empty())
    return WaiterId(0);
  if (waiters.size() == mostWaiters)
    return Status(StatusCode::ResourceExhausted,
                  std::to_string(mostWaiters) +
                      " requests wait for other workers here; ask again later");
  waiters[id] = {std::move(ready), missing.size()};
  places.insert(missing.begin(), missing.end());
  return id;
}

void ShardExchange::leave(WaiterId waiter) {
  for (auto place = places.begin(); place != places.end();)
    place =
        place->second.waiter == waiter ? places.erase(place) : std::next(place);
  waiters.erase(waiter);
}

void ShardExchange::push(std::shared_ptr<ServerCall> call) {
  Shard shard;
  shard.owner = call;
  shard.answer = [call](Status status) {
    if (!status.ok())
      return call->refuse(std::move(status));
    call->finish(Status(), Bytes::of(PushResponse().SerializeAsString()));
  };
  Result<SplitMessage> parts =
      splitMessage(call->message(), PushRequest::kContentsFieldNumber);
  if (!parts.ok() || !shard.header.ParseFromString(parts->rest) ||
      parts->fields.size() > 1)
    return refuse(shard, Status(StatusCode::InvalidArgument,
                                "the message is not a PushRequest"));
  if (!parts->fields.empty())
    shard.contents = parts->fields[0];
  take(std::move(shard));
}

void ShardExchange::take(Shard shard) {
  Key key(shard.header.request_id(), shard.header.key());
  size_t missing = std::max(1u, shard.header.takers());
  std::vector<std::function<void()>> ready;
  bool fits = true;
  for (auto place = places.find(key);
       missing != 0 && place != places.end() && place->first == key;) {
    const auto [id, awaited, spec] = place->second;
    fits = hand(shard, *spec, *awaited);
    if (!fits)
      break;
    --missing;
    place = places.erase(place);
    auto waiter = waiters.find(id);
    if (--waiter->second.missing != 0)
      continue;
    ready.push_back(std::move(waiter->second.ready));
    waiters.erase(waiter);
  }
  if (fits && missing == 0)
    shard.answer(Status());
  else if (fits)
    holdEarly(std::move(key), std::move(shard), missing);
  for (const std::function<void()> &call : ready)
    call();
}

void ShardExchange::holdEarly(Key key, Shard shard, size_t missing) {
  if (early.count(key))
    return refuse(shard,
                  Status(StatusCode::InvalidArgument, "it is here already"));
  if (early.size() == mostEarly)
    return refuse(shard, Status(StatusCode::ResourceExhausted,
                                "too many shards wait for an inference"));
  const EventLoop::TimerId timer = loop.runAt(Deadline::clock::now() + patience,
                                              [this, key] { dropEarly(key); });
  early.emplace(std::move(key), EarlyShard{std::move(shard), timer, missing});
}

void ShardExchange::dropEarly(const Key &key) {
  auto found = early.find(key);
  Shard shard = std::move(found->second.shard);
  early.erase(found);
  refuse(shard, Status(StatusCode::NotFound, "no inference here asks for it"));
}
