//===- Traffic.cpp - Bytes to other machines and back ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Traffic.h"

using namespace lcp;
using namespace lcp::rt;

std::optional<Traffic> lcp::rt::predictTraffic(const ModelInfo &model,
                                               const InputImages &images,
                                               const std::vector<bool> &here) {
  // Sizes were checked when the bundle was loaded.
  auto bytesOf = [&](uint32_t value) -> uint64_t {
    auto image = images.find(value);
    return image == images.end() ? *byteSize(model.values[value])
                                 : image->second.bytes->size();
  };
  std::optional<Traffic> traffic;
  for (const ModelStage *stage : model.stages()) {
    if (!stage->parallel)
      continue;
    if (traffic)
      return std::nullopt;
    traffic.emplace();
    for (size_t b = 0; b < stage->branches.size(); ++b) {
      const ModelBranch &branch = stage->branches[b];
      if (here[stage->firstDevice + b])
        continue;
      for (uint32_t value : branch.inputs)
        traffic->sent += bytesOf(value);
      for (uint32_t value : branch.outputs)
        traffic->received += bytesOf(value);
    }
  }
  return traffic;
}
