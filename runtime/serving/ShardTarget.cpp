//===- ShardTarget.cpp - Where an output goes directly --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ShardTarget.h"

#include "runtime/rpc/Address.h"

#include <charconv>
#include <optional>
#include <sstream>

using namespace lcp;
using namespace lcp::rt;

/// Takes "*2" off the key.
static bool takeTakers(ShardTarget &target) {
  const size_t star = target.key.find('*');
  if (star == std::string::npos)
    return true;
  const char *begin = target.key.data() + star + 1;
  const char *end = target.key.data() + target.key.size();
  auto [stop, error] = std::from_chars(begin, end, target.takers);
  if (error != std::errc() || stop != end || target.takers == 0 ||
      target.takers > 4096)
    return false;
  target.key.resize(star);
  return true;
}

static std::optional<ShardTarget> parseTarget(const std::string &word) {
  const size_t at = word.rfind('@');
  if (at == std::string::npos)
    return std::nullopt;
  ShardTarget target;
  const size_t hash = word.find('#', at);
  target.key = word.substr(0, at);
  target.address = word.substr(at + 1, hash - at - 1);
  if (hash != std::string::npos)
    target.certificateName = word.substr(hash + 1);
  const bool isAddress =
      target.address.empty() || parseNumericAddress(target.address).ok();
  if (!isAddress || !takeTakers(target) || target.key.empty())
    return std::nullopt;
  return target;
}

Result<std::vector<ShardTarget>>
lcp::rt::parseShardTargets(const std::string &text) {
  constexpr size_t most = 64;
  std::vector<ShardTarget> targets;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::optional<ShardTarget> target = parseTarget(word);
    if (!target || targets.size() == most)
      return Status(StatusCode::InvalidArgument,
                    "lcp_push_to is not up to 64 of KEY@HOST:PORT with a "
                    "numeric host");
    targets.push_back(*std::move(target));
  }
  return targets;
}
