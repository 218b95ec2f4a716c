//===- HealthMonitor.cpp - Which workers can be relied on -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/HealthMonitor.h"

using namespace lcp;
using namespace lcp::rt;

void HealthMonitor::checked(size_t worker, Status outcome) {
  if (states[worker].health == Health::Down)
    return;
  if (outcome.ok())
    set(worker, Health::Up, {});
  else
    set(worker, Health::Refused, std::move(outcome));
}

void HealthMonitor::answered(size_t worker) {
  states[worker].suspectUntil = TimePoint::min();
}

void HealthMonitor::unanswered(size_t worker, TimePoint now) {
  states[worker].suspectUntil = now + suspicion;
}

Health HealthMonitor::of(size_t worker, TimePoint now) const {
  const State &state = states[worker];
  return state.health == Health::Up && now < state.suspectUntil
             ? Health::Suspect
             : state.health;
}

bool HealthMonitor::isUsable(size_t worker) const {
  return states[worker].health == Health::Up;
}
