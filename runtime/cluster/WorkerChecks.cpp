//===- WorkerChecks.cpp - What a worker really serves ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/WorkerChecks.h"

#include <algorithm>
#include <utility>

using namespace lcp;
using namespace lcp::rt;

WorkerChecks::WorkerChecks(Transport &transport, const Placement &placement,
                           const CallPlan &plan, size_t devices, size_t worker,
                           Done done)
    : transport(transport), placement(placement), plan(plan), worker(worker),
      done(std::move(done)), refusals(devices) {}

WorkerChecks::~WorkerChecks() {
  for (Transport::CallId call : calls)
    transport.cancel(call);
}

void WorkerChecks::start(TimePoint deadline) {
  for (size_t device : placement.candidates(worker))
    for (const ModelSignature *signature : plan.signaturesOf(device)) {
      ++left;
      calls.push_back(transport.check(
          worker, *signature, deadline,
          [this, device](Status status) { answered(device, status); }));
    }
}

void WorkerChecks::answered(size_t device, Status status) {
  if (refusals[device].ok())
    refusals[device] = std::move(status);
  if (--left > 0)
    return;
  Outcome outcome = conclude();
  // A copy, since this may be gone before it returns.
  auto conclusion = std::exchange(done, nullptr);
  conclusion(std::move(outcome));
}

WorkerChecks::Outcome WorkerChecks::conclude() const {
  Outcome outcome;
  outcome.serves.assign(refusals.size(), false);
  bool any = false;
  for (size_t device : placement.candidates(worker)) {
    const Status &refusal = refusals[device];
    // Of a branch that is in no list of its own it need not have heard.
    bool matters =
        placement.isListed(worker) || refusal.code() != StatusCode::NotFound;
    if (!refusal.ok() && matters)
      return {refusal, std::vector<bool>(refusals.size(), false)};
    outcome.serves[device] = refusal.ok();
    any |= refusal.ok();
  }
  if (!any)
    outcome.status =
        Status(StatusCode::NotFound, "worker " + placement.address(worker) +
                                         " serves no branch of this model");
  return outcome;
}
