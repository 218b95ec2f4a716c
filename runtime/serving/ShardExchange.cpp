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

using namespace lcp;
using namespace lcp::rt;

static std::string quoted(const std::string &name) {
  return "'" + printable(name.substr(0, 128)) + "'";
}

ShardExchange::~ShardExchange() {
  for (auto &[key, shard] : early)
    loop.cancelTimer(shard.timer);
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

void ShardExchange::refuse(ServerCall &call, const std::string &key,
                           Status status) {
  const PeerIdentity &peer = call.peer();
  log("shard " + quoted(key) + " from " + peer.address +
      (peer.certificateName.empty() ? "" : " (" + peer.certificateName + ")") +
      " refused: " + status.message());
  call.finish(std::move(status), Message());
}

/// The contents stay where they came in, for which the call is kept.
bool ShardExchange::hand(Shard &shard, const TensorSpec &spec,
                         InferRequest::Input &input) {
  Status fits = checkShard(shard.header, shard.contents, spec);
  if (!fits.ok()) {
    refuse(*shard.call, input.awaited, std::move(fits));
    return false;
  }
  input.raw = shard.contents;
  input.owner = shard.call;
  shard.call->finish(Status(), Bytes::of(PushResponse().SerializeAsString()));
  return true;
}

void ShardExchange::takeEarly(InferRequest &request,
                              const ModelSignature &signature) {
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    InferRequest::Input &input = request.inputs[i];
    auto found = early.find({request.id, input.awaited});
    if (input.awaited.empty() || found == early.end())
      continue;
    Shard shard = std::move(found->second);
    early.erase(found);
    loop.cancelTimer(shard.timer);
    hand(shard, signature.inputs[i], input);
  }
}

Result<ShardExchange::WaiterId>
ShardExchange::await(InferRequest &request, const ModelSignature &signature,
                     std::function<void()> ready) {
  takeEarly(request, signature);
  std::map<Key, size_t> missing;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    const InferRequest::Input &input = request.inputs[i];
    if (input.awaited.empty() || input.owner)
      continue;
    Key key(request.id, input.awaited);
    if (places.count(key) || !missing.emplace(key, i).second)
      return Status(StatusCode::InvalidArgument,
                    quoted(input.awaited) +
                        " is awaited already for this request");
  }
  if (missing.empty())
    return WaiterId(0);
  if (waiters.size() == mostWaiters)
    return Status(StatusCode::ResourceExhausted,
                  std::to_string(mostWaiters) +
                      " requests wait for other workers here; ask again later");
  const WaiterId id = ++lastWaiter;
  for (const auto &[key, input] : missing)
    places[key] = {id, input};
  waiters[id] = {&request, &signature, std::move(ready), missing.size()};
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
  shard.call = std::move(call);
  Result<SplitMessage> parts =
      splitMessage(shard.call->message(), PushRequest::kContentsFieldNumber);
  if (!parts.ok() || !shard.header.ParseFromString(parts->rest) ||
      parts->fields.size() > 1)
    return refuse(*shard.call, "",
                  Status(StatusCode::InvalidArgument,
                         "the message is not a PushRequest"));
  if (!parts->fields.empty())
    shard.contents = parts->fields[0];
  Key key(shard.header.request_id(), shard.header.key());
  auto place = places.find(key);
  if (place == places.end())
    return holdEarly(std::move(key), std::move(shard));
  const auto [id, index] = place->second;
  Waiter &waiter = waiters[id];
  if (!hand(shard, waiter.signature->inputs[index],
            waiter.request->inputs[index]))
    return;
  places.erase(place);
  if (--waiter.missing != 0)
    return;
  std::function<void()> ready = std::move(waiter.ready);
  waiters.erase(id);
  ready();
}

void ShardExchange::holdEarly(Key key, Shard shard) {
  if (early.size() == mostEarly || early.count(key))
    return refuse(*shard.call, key.second,
                  Status(StatusCode::ResourceExhausted,
                         early.size() == mostEarly
                             ? "too many shards wait for an inference"
                             : "it is here already"));
  shard.timer = loop.runAt(Deadline::clock::now() + patience,
                           [this, key] { dropEarly(key); });
  early.emplace(std::move(key), std::move(shard));
}

void ShardExchange::dropEarly(const Key &key) {
  auto found = early.find(key);
  Shard shard = std::move(found->second);
  early.erase(found);
  refuse(*shard.call, key.second,
         Status(StatusCode::NotFound, "no inference here asks for it"));
}
