//===- KeptValues.cpp - Values that wait for their branch -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/KeptValues.h"

#include <algorithm>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

size_t KeptValues::cost(const Key &key, uint64_t bytes) {
  // The key is there twice, in both maps.
  return overhead + 2 * (key.first.size() + key.second.size()) + bytes;
}

void KeptValues::erase(Values::iterator value) {
  used -= cost(value->first, value->second.bytes.size());
  byDeadline.erase(value->second.deadline);
  values.erase(value);
}

void KeptValues::evict(Deadline now) {
  while (!byDeadline.empty() && byDeadline.begin()->first < now)
    erase(values.find(byDeadline.begin()->second));
}

Status KeptValues::keep(const std::string &request, const std::string &key,
                        const TensorSpec &spec, const void *data,
                        Deadline deadline) {
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  if (request.size() + key.size() > longestName)
    return Status(StatusCode::InvalidArgument,
                  "the request's id and the key that '" + spec.name +
                      "' is to be kept under have more than " +
                      std::to_string(longestName) + " characters");
  Deadline now = std::chrono::steady_clock::now();
  Key name{request, key};
  std::lock_guard<std::mutex> lock(mutex);
  evict(now);
  auto old = values.find(name);
  if (old != values.end())
    erase(old);
  size_t size = cost(name, bytes);
  if (size > capacity - used)
    return Status(
        StatusCode::ResourceExhausted,
        "no room to keep '" + spec.name + "' (" + std::to_string(size) +
            " bytes): " + std::to_string(used) + " of " +
            std::to_string(capacity) + " bytes are taken by other requests");
  const char *begin = static_cast<const char *>(data);
  auto end = byDeadline.insert(
      {std::min(deadline, now + std::chrono::minutes(1)), name});
  values[std::move(name)] = {
      spec.type, spec.shape, {begin, begin + bytes}, end};
  used += size;
  return Status();
}

Status KeptValues::read(const std::string &request, const std::string &key,
                        const TensorSpec &spec, bool last, void *out) {
  std::lock_guard<std::mutex> lock(mutex);
  evict(std::chrono::steady_clock::now());
  auto found = values.find({request, key});
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

size_t KeptValues::size() const {
  std::lock_guard<std::mutex> lock(mutex);
  return used;
}
