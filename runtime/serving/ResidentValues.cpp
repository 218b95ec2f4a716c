//===- ResidentValues.cpp - Values that wait for their branch -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ResidentValues.h"

#include <algorithm>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

/// Whose values are whose: a certificate's, or without TLS a connection's.
static std::string ownerOf(const PeerIdentity &peer) {
  return peer.certificateName.empty() ? "#" + std::to_string(peer.connection)
                                      : peer.certificateName;
}

size_t ResidentValues::cost(const Key &key, uint64_t bytes) {
  // The key is there twice, in both maps.
  const auto &[owner, request, name] = key;
  return overhead + 2 * (owner.size() + request.size() + name.size()) + bytes;
}

void ResidentValues::erase(Values::iterator value) {
  size_t size = cost(value->first, value->second.bytes.size());
  used -= size;
  auto owner = usedBy.find(std::get<0>(value->first));
  if ((owner->second -= size) == 0)
    usedBy.erase(owner);
  byDeadline.erase(value->second.deadline);
  values.erase(value);
}

void ResidentValues::evict(Deadline now) {
  while (!byDeadline.empty() && byDeadline.begin()->first < now)
    erase(values.find(byDeadline.begin()->second));
}

bool ResidentValues::makeRoom(const std::string &owner, size_t size) {
  auto mine = usedBy.find(owner);
  const size_t after = (mine == usedBy.end() ? 0 : mine->second) + size;
  if (after > capacity / 2)
    return false;
  while (size > capacity - used) {
    auto most = std::max_element(
        usedBy.begin(), usedBy.end(),
        [](const auto &a, const auto &b) { return a.second < b.second; });
    if (most == usedBy.end() || most->second <= after)
      return false;
    const std::string richest = most->first;
    auto oldest = std::find_if(byDeadline.begin(), byDeadline.end(),
                               [&](const auto &entry) {
                                 return std::get<0>(entry.second) == richest;
                               });
    erase(values.find(oldest->second));
  }
  return true;
}

void ResidentValues::makeRoomFor(unsigned inferences, size_t values,
                                 uint64_t bytes) {
  const uint64_t each = values * (overhead + 2 * longestName) + bytes;
  std::lock_guard<std::mutex> lock(mutex);
  capacity = size_t(std::max<uint64_t>(
      capacity, std::min<uint64_t>(2 * inferences * each, SIZE_MAX)));
}

Status ResidentValues::keep(const PeerIdentity &peer,
                            const std::string &request, const std::string &key,
                            const TensorSpec &spec, const void *data,
                            Deadline deadline) {
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  if (request.size() + key.size() > longestName)
    return Status(StatusCode::InvalidArgument,
                  "the request's id and the key that '" + spec.name +
                      "' is to be kept under have more than " +
                      std::to_string(longestName) + " characters");
  Deadline now = Deadline::clock::now();
  Key name{ownerOf(peer), request, key};
  std::lock_guard<std::mutex> lock(mutex);
  evict(now);
  auto old = values.find(name);
  if (old != values.end())
    erase(old);
  size_t size = cost(name, bytes);
  if (!makeRoom(std::get<0>(name), size))
    return Status(StatusCode::ResourceExhausted,
                  "no room to keep '" + spec.name + "' (" +
                      std::to_string(size) + " bytes): " +
                      std::to_string(used) + " of " + std::to_string(capacity) +
                      " bytes are taken, and a peer gets half of them");
  const char *begin = static_cast<const char *>(data);
  auto end = byDeadline.insert(
      {std::min(deadline, now + std::chrono::minutes(1)), name});
  used += size;
  usedBy[std::get<0>(name)] += size;
  values[std::move(name)] = {
      spec.type, spec.shape, {begin, begin + bytes}, peer.connection, end};
  return Status();
}

Status ResidentValues::read(const PeerIdentity &peer,
                            const std::string &request, const std::string &key,
                            const TensorSpec &spec, bool last, void *out) {
  std::lock_guard<std::mutex> lock(mutex);
  evict(Deadline::clock::now());
  auto found = values.find({ownerOf(peer), request, key});
  if (found == values.end())
    return Status(StatusCode::NotFound, "input '" + spec.name +
                                            "' is not kept here (any more) for "
                                            "this request");
  const Value &value = found->second;
  if (value.type != spec.type || value.shape != spec.shape)
    return Status(StatusCode::InvalidArgument,
                  "what is kept for input '" + spec.name +
                      "' has another type or shape");
  std::memcpy(out, value.bytes.data(), value.bytes.size());
  if (last)
    erase(found);
  return Status();
}

void ResidentValues::release(const PeerIdentity &peer,
                             const std::string &request,
                             const std::string &key) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = values.find({ownerOf(peer), request, key});
  if (found != values.end())
    erase(found);
}

void ResidentValues::releaseConnection(uint64_t connection) {
  std::lock_guard<std::mutex> lock(mutex);
  for (auto value = values.begin(); value != values.end();) {
    auto next = std::next(value);
    if (value->second.connection == connection)
      erase(value);
    value = next;
  }
}

size_t ResidentValues::size() const {
  std::lock_guard<std::mutex> lock(mutex);
  return used;
}
