//===- Lanes.cpp - Several inferences at a time ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include "runtime/platform/Memory.h"
#include "runtime/rpc/Limits.h"

#include <algorithm>

namespace lcp::rt {

Result<Lanes> Lanes::load(const Bundle &bundle, const DriverRegistry &drivers,
                          const ExecutorOptions &options,
                          MakeRemoteStages makeRemote) {
  Lanes lanes(bundle, drivers, options, std::move(makeRemote));
  LCP_RETURN_IF_ERROR(lanes.add(options.threads));
  return lanes;
}

Status Lanes::add(unsigned threads) {
  Lane lane;
  ExecutorOptions execution = options;
  execution.threads = threads;
  if (makeRemote) {
    lane.remote = makeRemote();
    execution.remote = lane.remote.get();
  }
  LCP_ASSIGN_OR_RETURN(lane.executor,
                       Executor::load(bundle, drivers, execution));
  lanes.push_back(std::move(lane));
  return {};
}

Result<std::vector<Executor *>> Lanes::forStream(uint64_t inferences) {
  const bool oneByOne = !makeRemote || options.profile || options.trace;
  const size_t wanted =
      oneByOne ? 1 : std::min<uint64_t>(inferencesOfAPeer, inferences);
  // Stages that run here do so in several lanes at a time.
  const auto threads = unsigned(
      std::max<size_t>(1, options.threads / std::max<size_t>(1, wanted)));
  // Each alone would fit: what all of them have is what counts.
  while (lanes.size() < wanted &&
         checkMemory(first().arenaBytes() * (lanes.size() + 1), options.memory)
             .ok()) {
    Status status = add(threads);
    if (status.code() == StatusCode::ResourceExhausted)
      break;
    LCP_RETURN_IF_ERROR(std::move(status));
  }
  std::vector<Executor *> executors;
  executors.reserve(lanes.size());
  for (const Lane &lane : lanes)
    executors.push_back(lane.executor.get());
  return executors;
}

} // namespace lcp::rt
