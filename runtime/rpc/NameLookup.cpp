//===- NameLookup.cpp - A question to the name service --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/NameLookup.h"

#include <mutex>
#include <system_error>
#include <thread>

using namespace lcp;
using namespace lcp::rt;

struct NameLookup::State {
  std::mutex mutex;
  std::optional<Result<Endpoint>> answer;
};

NameLookup::NameLookup(std::string address) : state(std::make_shared<State>()) {
  auto ask = [state = state, address = std::move(address)] {
    Result<Endpoint> found = resolveAddress(address);
    std::lock_guard<std::mutex> lock(state->mutex);
    state->answer = std::move(found);
  };
  try {
    std::thread(std::move(ask)).detach();
  } catch (const std::system_error &) {
    state->answer = Status(StatusCode::ResourceExhausted,
                           "no thread to ask the name service on");
  }
}

std::optional<Result<Endpoint>> NameLookup::answer() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  return state->answer;
}
