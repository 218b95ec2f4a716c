//===- KeptValues.cpp - Values that wait for their branch -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/KeptValues.h"

#include <algorithm>
#include <cstring>

using namespace lcp::rt;

void KeptValues::evict(Deadline now) {
  for (auto it = values.begin(); it != values.end();) {
    if (it->second.deadline >= now) {
      ++it;
      continue;
    }
    used -= it->second.bytes.size();
    it = values.erase(it);
  }
}

Status KeptValues::keep(const std::string &request, const std::string &key,
                        const TensorSpec &spec, const void *data,
                        Deadline deadline) {
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  Deadline now = std::chrono::system_clock::now();
  std::lock_guard<std::mutex> lock(mutex);
  evict(now);
  auto old = values.find({request, key});
  if (old != values.end()) {
    used -= old->second.bytes.size();
    values.erase(old);
  }
  if (bytes > capacity - used)
    return Status(
        StatusCode::ResourceExhausted,
        "no room to keep '" + spec.name + "' (" + std::to_string(bytes) +
            " bytes): " + std::to_string(used) + " of " +
            std::to_string(capacity) + " bytes are taken by other requests");
  const char *begin = static_cast<const char *>(data);
  values[{request, key}] = {spec.type,
                            spec.shape,
                            {begin, begin + bytes},
                            std::min(deadline, now + std::chrono::minutes(1))};
  used += bytes;
  return Status();
}

Status KeptValues::read(const std::string &request, const std::string &key,
                        const TensorSpec &spec, bool last, void *out) {
  std::lock_guard<std::mutex> lock(mutex);
  evict(std::chrono::system_clock::now());
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
  if (last) {
    used -= value.bytes.size();
    values.erase(found);
  }
  return Status();
}

size_t KeptValues::size() const {
  std::lock_guard<std::mutex> lock(mutex);
  return used;
}
