//===- Interrupt.cpp - Ctrl-C in the middle of a run ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interrupt.h"

#include <atomic>

namespace lcp::rt {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free,
              "a signal handler must not wait for a lock");

void receive(int signal) { received = signal; }

struct sigaction handle(int signal) {
  struct sigaction before, action = {};
  action.sa_handler = receive;
  action.sa_flags = SA_RESTART | int(SA_RESETHAND);
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN)
    ::sigaction(signal, &action, nullptr);
  return before;
}

} // namespace

InterruptScope::InterruptScope()
    : onInterrupt(handle(SIGINT)), onTerminate(handle(SIGTERM)) {}

InterruptScope::~InterruptScope() {
  ::sigaction(SIGINT, &onInterrupt, nullptr);
  ::sigaction(SIGTERM, &onTerminate, nullptr);
}

int interruption() { return received; }

} // namespace lcp::rt
