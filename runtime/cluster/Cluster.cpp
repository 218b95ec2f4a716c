//===- Cluster.cpp - Parallel stages on many machines ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Cluster.h"

#include "runtime/bundle/Residency.h"

#include <algorithm>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

using Clock = std::chrono::steady_clock;

Cluster::~Cluster() = default;

/// What tells this coordinator's requests from any other's.
static std::string randomPrefix() {
  uint64_t bits = uint64_t(Clock::now().time_since_epoch().count());
  // Without entropy the time must do.
  (void)getentropy(&bits, sizeof bits);
  return std::to_string(bits) + "-";
}

Result<std::unique_ptr<Cluster>>
Cluster::connect(const ModelInfo &model, const std::string &version,
                 const ClusterFile &file, const ClusterOptions &options,
                 std::vector<std::string> &problems) {
  std::unique_ptr<Cluster> cluster(new Cluster());
  LCP_ASSIGN_OR_RETURN(cluster->placement,
                       placeBranches(model, version, file, options.tls,
                                     Clock::now() + options.timeout, problems));
  cluster->timeout = options.timeout;
  cluster->idPrefix = randomPrefix();
  std::vector<const ModelStage *> all = model.stages();
  cluster->stages.resize(all.size());
  auto first = std::find_if(all.begin(), all.end(),
                            [](const ModelStage *s) { return s->parallel; });
  cluster->firstStage = (*first)->index;
  for (const ModelStage *stage : all)
    if (stage->parallel)
      cluster->addStage(model, version, *stage);
  return cluster;
}

void Cluster::addStage(const ModelInfo &model, const std::string &version,
                       const ModelStage &stage) {
  Residency residency = findResidency(model);
  auto keyOf = [&](uint32_t value) {
    return residency.values[value].stays ? "v" + std::to_string(value)
                                         : std::string();
  };
  Stage &built = stages[stage.index];
  for (size_t b = 0; b < stage.branches.size(); ++b) {
    const ModelBranch &branch = stage.branches[b];
    RemoteValues values;
    for (uint32_t value : branch.inputs)
      values.inputs.push_back(
          {keyOf(value), residency.values[value].lastStage == stage.index});
    for (uint32_t value : branch.outputs)
      values.keepOutputsAs.push_back(keyOf(value));
    built.models.emplace_back(*placement.ofDevice[stage.firstDevice + b],
                              branchSignature(model, version, branch), values);
    built.inputs.emplace_back(branch.inputs.size());
    built.outputs.emplace_back(branch.outputs.size());
  }
  for (size_t b = 0; b < stage.branches.size(); ++b)
    built.calls.push_back(
        {&built.models[b], built.inputs[b], built.outputs[b]});
}

void Cluster::beginRequest() {
  requestId = idPrefix + std::to_string(requests++);
  deadline = std::min(Clock::now() + timeout, callersDeadline);
  callersDeadline = noDeadline;
}

Status Cluster::runStage(const ModelStage &stage,
                         Span<std::byte *const> values) {
  if (stage.index == firstStage)
    beginRequest();
  Stage &remoteStage = stages[stage.index];
  for (size_t b = 0; b < stage.branches.size(); ++b) {
    const ModelBranch &branch = stage.branches[b];
    for (size_t i = 0; i < branch.inputs.size(); ++i)
      remoteStage.inputs[b][i] = values[branch.inputs[i]];
    for (size_t i = 0; i < branch.outputs.size(); ++i)
      remoteStage.outputs[b][i] = values[branch.outputs[i]];
  }
  return remote.run(remoteStage.calls, requestId, deadline);
}

Traffic Cluster::traffic() const {
  Traffic sum;
  for (const Stage &stage : stages)
    for (const RemoteModel &model : stage.models) {
      sum.sent += model.traffic().sent;
      sum.received += model.traffic().received;
    }
  return sum;
}

std::vector<std::string> Cluster::describe() const {
  std::vector<std::string> lines;
  for (const Stage &stage : stages)
    for (const RemoteModel &model : stage.models)
      lines.push_back(model.signature().name + " on " +
                      model.worker().address());
  return lines;
}
