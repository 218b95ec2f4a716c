//===- LoadedBranch.cpp - One branch, ready to run ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/LoadedBranch.h"

#include "common/base/Arithmetic.h"
#include "common/base/MemoryPlan.h"
#include "runtime/platform/Time.h"

#include <algorithm>

namespace lcp::rt {

Result<const Driver *> findEngine(const ModelInfo &model,
                                  const DriverRegistry &drivers,
                                  const std::string &engine) {
  if (engine.empty())
    return nullptr;
  LCP_ASSIGN_OR_RETURN(const Driver *driver, drivers.find(engine));
  for (const ModelStage *stage : model.stages())
    for (const ModelBranch &branch : stage->branches)
      for (const ModelPart &part : branch.parts)
        if (driver->supports(part.format))
          return driver;
  return Status(StatusCode::InvalidArgument,
                "engine '" + engine + "' can run no part of this bundle");
}

Result<std::unique_ptr<LoadedBranch>>
LoadedBranch::load(const Bundle &bundle, const ModelBranch &branch,
                   const DriverRegistry &drivers, const Driver *preferred,
                   const Pace *pace) {
  if (branch.omitted)
    return Status(StatusCode::NotFound,
                  "branch " + branch.name +
                      " is not in this bundle, which was made for another "
                      "device; use that device's or the whole bundle");
  std::unique_ptr<LoadedBranch> result(new LoadedBranch(branch));
  // Executables keep pointers into their part.
  result->parts.reserve(branch.parts.size());
  for (size_t p = 0; p < branch.parts.size(); ++p) {
    Status status =
        result->loadPart(bundle, branch.parts[p], drivers, preferred);
    if (!status.ok())
      return std::move(status).withContext("branch " + branch.name + ", part " +
                                           std::to_string(p));
  }
  LCP_RETURN_IF_ERROR(result->planScratch());
  result->slots.resize(branch.slots.size());
  if (pace)
    LCP_RETURN_IF_ERROR(result->makePace(*pace));
  return result;
}

Status LoadedBranch::makePace(const Pace &paces) {
  pace = paces.find(branch.name);
  if (!pace)
    return {};
  const size_t inputs = branch.inputs.size();
  Span<const TensorSpec> slots(branch.slots.data(), branch.slots.size());
  LCP_ASSIGN_OR_RETURN(
      lastAnswer,
      LastAnswer::allocate(slots.subspan(0, inputs),
                           slots.subspan(inputs, branch.outputs.size())));
  return {};
}

Status LoadedBranch::loadPart(const Bundle &bundle,
                              const ModelPart &description,
                              const DriverRegistry &drivers,
                              const Driver *preferred) {
  Part &part = parts.emplace_back();
  part.description = &description;
  LCP_ASSIGN_OR_RETURN(Driver * driver,
                       drivers.select(description.format, preferred));
  part.engine = driver->name();
  PartContents contents;
  contents.format = description.format;
  if (description.code) {
    LCP_ASSIGN_OR_RETURN(part.code, bundle.copySegment(*description.code));
    contents.code = static_cast<const AlignedBuffer &>(part.code).bytes();
  }
  if (description.weights) {
    LCP_ASSIGN_OR_RETURN(contents.weights,
                         bundle.segment(*description.weights));
  }
  for (uint32_t slot : description.inputs)
    part.inputSpecs.push_back(branch.slots[slot]);
  for (uint32_t slot : description.outputs)
    part.outputSpecs.push_back(branch.slots[slot]);
  contents.features = description.features;
  contents.arenaBytes = description.arenaBytes;
  contents.inputs = part.inputSpecs;
  contents.outputs = part.outputSpecs;
  contents.layerNames = description.layerNames;
  LCP_ASSIGN_OR_RETURN(part.executable, driver->load(contents));
  part.inputs.resize(description.inputs.size());
  part.outputs.resize(description.outputs.size());
  return {};
}

Status LoadedBranch::planScratch() {
  const size_t fixed = branch.inputs.size() + branch.outputs.size();
  std::vector<Lifetime> lives;
  for (size_t slot = fixed; slot < branch.slots.size(); ++slot) {
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(branch.slots[slot]));
    lives.push_back({size, 0, 0});
  }
  uint64_t arena = 0;
  for (uint32_t p = 0; p < branch.parts.size(); ++p) {
    const ModelPart &part = branch.parts[p];
    arena = std::max(arena, part.arenaBytes);
    for (uint32_t slot : part.outputs)
      if (slot >= fixed)
        lives[slot - fixed].first = lives[slot - fixed].last = p;
    for (uint32_t slot : part.inputs)
      if (slot >= fixed)
        lives[slot - fixed].last = p;
  }
  LCP_ASSIGN_OR_RETURN(MemoryPlan plan, planMemory(lives));
  localOffsets = std::move(plan.offsets);
  arenaOffset = plan.size;
  std::optional<uint64_t> total = checkedAdd(arenaOffset, arena);
  if (!total)
    return Status(StatusCode::ResourceExhausted,
                  "branch " + branch.name + " fits no memory");
  scratchSize = *total;
  return {};
}

Status LoadedBranch::run(Span<const void *const> inputs,
                         Span<void *const> outputs, std::byte *scratch,
                         ThreadPool &pool) {
  if (inputs.size() != branch.inputs.size() ||
      outputs.size() != branch.outputs.size())
    return Status(StatusCode::InvalidArgument,
                  "branch " + branch.name + " has " +
                      std::to_string(branch.inputs.size()) + " inputs and " +
                      std::to_string(branch.outputs.size()) + " outputs");
  if (!pace)
    return runParts(inputs, outputs, scratch, pool);
  const uint64_t begin = monotonicNanoseconds();
  if (!lastAnswer.recall(inputs, outputs)) {
    LCP_RETURN_IF_ERROR(runParts(inputs, outputs, scratch, pool));
    lastAnswer.remember(inputs, outputs);
  }
  pace->wait(begin);
  return {};
}

Status LoadedBranch::runParts(Span<const void *const> inputs,
                              Span<void *const> outputs, std::byte *scratch,
                              ThreadPool &pool) {
  // Input slots are only ever read: the loader saw to it.
  for (size_t i = 0; i < inputs.size(); ++i)
    slots[i] = const_cast<void *>(inputs[i]);
  std::copy(outputs.begin(), outputs.end(), slots.begin() + inputs.size());
  for (size_t i = 0; i < localOffsets.size(); ++i)
    slots[inputs.size() + outputs.size() + i] = scratch + localOffsets[i];
  for (Part &part : parts)
    LCP_RETURN_IF_ERROR(runPart(part, scratch, pool));
  return {};
}

Status LoadedBranch::runPart(Part &part, std::byte *scratch, ThreadPool &pool) {
  for (size_t i = 0; i < part.inputs.size(); ++i)
    part.inputs[i] = slots[part.description->inputs[i]];
  for (size_t i = 0; i < part.outputs.size(); ++i)
    part.outputs[i] = slots[part.description->outputs[i]];
  Invocation invocation;
  invocation.inputs = {part.inputs.data(), part.inputs.size()};
  invocation.outputs = {part.outputs.data(), part.outputs.size()};
  if (part.description->arenaBytes)
    invocation.arena = scratch + arenaOffset;
  invocation.pool = &pool;
  if (!profiling)
    return part.executable->run(invocation);
  invocation.layerNanoseconds = part.layerNanoseconds;
  uint64_t begin = monotonicNanoseconds();
  LCP_RETURN_IF_ERROR(part.executable->run(invocation));
  part.nanoseconds += monotonicNanoseconds() - begin;
  return {};
}

void LoadedBranch::enableProfile() {
  profiling = true;
  for (Part &part : parts) {
    part.nanoseconds = 0;
    part.layerNanoseconds.assign(part.executable->layerNames().size(), 0);
  }
}

void LoadedBranch::appendProfile(std::vector<ProfileRow> &rows) const {
  for (size_t p = 0; p < parts.size(); ++p) {
    const Part &part = parts[p];
    Span<const std::string> layers = part.executable->layerNames();
    for (size_t i = 0; i < part.layerNanoseconds.size(); ++i)
      rows.push_back(
          {branch.name, part.engine, layers[i], part.layerNanoseconds[i]});
    if (layers.empty())
      rows.push_back({branch.name, part.engine, "part " + std::to_string(p),
                      part.nanoseconds});
  }
}

} // namespace lcp::rt
