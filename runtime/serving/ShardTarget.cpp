//===- ShardTarget.cpp - Where an output goes directly --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ShardTarget.h"

#include "runtime/rpc/Address.h"

#include <sstream>

using namespace lcp;
using namespace lcp::rt;

Result<std::vector<ShardTarget>>
lcp::rt::parseShardTargets(const std::string &text) {
  constexpr size_t most = 64;
  std::vector<ShardTarget> targets;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t at = word.rfind('@');
    ShardTarget target;
    if (at != std::string::npos) {
      const size_t hash = word.find('#', at);
      target.key = word.substr(0, at);
      target.address = word.substr(at + 1, hash - at - 1);
      if (hash != std::string::npos)
        target.certificateName = word.substr(hash + 1);
    }
    if (target.key.empty() || !parseNumericAddress(target.address).ok() ||
        targets.size() == most)
      return Status(StatusCode::InvalidArgument,
                    "lcp_push_to is not up to 64 of KEY@HOST:PORT with a "
                    "numeric host");
    targets.push_back(std::move(target));
  }
  return targets;
}
