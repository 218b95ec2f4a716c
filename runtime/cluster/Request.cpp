//===- Request.cpp - One inference over many workers ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Request.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

void Request::exchanged(size_t firstStage, size_t stages,
                        ExchangedValues values) {
  firstExchanged = firstStage;
  endExchanged = firstStage + stages;
  exchangedValues = std::move(values);
}

const ExchangedValues *Request::exchangedIn(size_t stage) const {
  return stage >= firstExchanged && stage < endExchanged ? &exchangedValues
                                                         : nullptr;
}

std::optional<EncodedImage> Request::imageOf(uint32_t value) const {
  auto image = images.find(value);
  return image == images.end() ? std::nullopt : std::optional(image->second);
}

void Request::completed(size_t worker, std::shared_ptr<const BranchCall> call) {
  for (const BranchCall::Input &input : call->inputs)
    if (input.last)
      kept.erase({worker, input.keptAs});
  bool keeps = false;
  for (const std::string &key : call->keepOutputsAs)
    if (!key.empty())
      keeps = kept.insert({worker, key}).second || keeps;
  if (keeps && !std::count(log.begin(), log.end(), call))
    log.push_back(std::move(call));
}

void Request::forget(size_t worker) {
  kept.erase(kept.lower_bound({worker, ""}),
             kept.lower_bound({worker + 1, ""}));
}

bool Request::hasInputs(size_t worker, const BranchCall &call) const {
  return std::all_of(call.inputs.begin(), call.inputs.end(),
                     [&](const BranchCall::Input &input) {
                       return input.keptAs.empty() ||
                              kept.count({worker, input.keptAs});
                     });
}

std::vector<std::shared_ptr<const BranchCall>>
Request::callsBefore(size_t worker, const BranchCall &call) const {
  std::set<std::string> wanted;
  auto want = [&](const BranchCall &reader) {
    for (const BranchCall::Input &input : reader.inputs)
      if (!input.keptAs.empty() && !kept.count({worker, input.keptAs}))
        wanted.insert(input.keptAs);
  };
  want(call);
  std::vector<std::shared_ptr<const BranchCall>> calls;
  for (auto earlier = log.rbegin(); earlier != log.rend(); ++earlier) {
    const std::vector<std::string> &keys = (*earlier)->keepOutputsAs;
    bool needed =
        std::any_of(keys.begin(), keys.end(), [&](const std::string &key) {
          return wanted.count(key) != 0;
        });
    if (!needed)
      continue;
    calls.push_back(*earlier);
    want(**earlier);
  }
  std::reverse(calls.begin(), calls.end());
  return calls;
}
