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
      done(std::move(done)), devices(devices) {}

WorkerChecks::~WorkerChecks() {
  for (Transport::CallId call : calls)
    transport.cancel(call);
}

void WorkerChecks::start(TimePoint deadline) {
  for (size_t device : placement.candidates(worker))
    for (const ModelSignature *signature : plan.signaturesOf(device)) {
      const size_t question = answers.size();
      answers.emplace_back(device, Status());
      calls.push_back(transport.check(worker, *signature, deadline,
                                      [this, question](Status status) {
                                        answered(question, std::move(status));
                                      }));
    }
  left = calls.size();
}

void WorkerChecks::answered(size_t question, Status status) {
  answers[question].second = std::move(status);
  if (--left > 0)
    return;
  Outcome outcome = conclude();
  // A copy, since this may be gone before it returns.
  auto conclusion = std::exchange(done, nullptr);
  conclusion(std::move(outcome));
}

WorkerChecks::Outcome WorkerChecks::conclude() const {
  Outcome outcome;
  outcome.serves.assign(devices, false);
  for (size_t device : placement.candidates(worker))
    outcome.serves[device] = true;
  for (const auto &[device, answer] : answers) {
    if (answer.ok())
      continue;
    // Of a branch that is in no list of its own it need not have heard.
    if (placement.isListed(worker) || answer.code() != StatusCode::NotFound)
      return {answer, std::vector<bool>(devices, false)};
    outcome.serves[device] = false;
  }
  if (std::count(outcome.serves.begin(), outcome.serves.end(), true) == 0)
    outcome.status =
        Status(StatusCode::NotFound, "worker " + placement.address(worker) +
                                         " serves no branch of this model");
  return outcome;
}
