//===- Placement.cpp - Which worker may run which branch ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Placement.h"

using namespace lcp;
using namespace lcp::rt;

Placement::Placement(const ClusterFile &file, const std::vector<bool> &uses,
                     std::vector<std::string> &problems)
    : path_(file.path), workers(file.workers), uses(uses),
      listed(uses.size(), false) {
  for (const ClusterWorker &worker : workers)
    for (unsigned branch : worker.branches) {
      if (branch < uses.size())
        listed[branch] = true;
      else
        problems.push_back(file.path + ":" + std::to_string(worker.line) +
                           ": there is no branch " + std::to_string(branch) +
                           "; the model has " + std::to_string(uses.size()));
    }
}

std::vector<size_t> Placement::candidates(size_t worker) const {
  std::vector<size_t> devices;
  if (isListed(worker)) {
    for (unsigned branch : workers[worker].branches)
      if (uses[branch])
        devices.push_back(branch);
    return devices;
  }
  for (size_t device = 0; device < uses.size(); ++device)
    if (uses[device])
      devices.push_back(device);
  return devices;
}

std::vector<ReplicaSet>
Placement::replicas(const std::vector<std::vector<bool>> &serves) const {
  std::vector<ReplicaSet> sets(uses.size());
  for (size_t worker = 0; worker < workers.size(); ++worker)
    for (size_t device : candidates(worker))
      if (serves[worker][device])
        sets[device].add({worker, isSpare(worker, device)});
  return sets;
}

std::optional<std::vector<bool>> Placement::devicesHere() const {
  std::vector<bool> here(uses.size(), false), elsewhere = here;
  for (size_t worker = 0; worker < workers.size(); ++worker)
    for (size_t device : candidates(worker))
      if (!isSpare(worker, device))
        (workers[worker].isLocal() ? here : elsewhere)[device] = true;
  for (size_t device = 0; device < uses.size(); ++device)
    if (here[device] && elsewhere[device])
      return std::nullopt;
  return here;
}
