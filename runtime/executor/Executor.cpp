//===- Executor.cpp - A whole model, ready to run -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Executor.h"

#include "common/base/Arithmetic.h"
#include "runtime/platform/Memory.h"
#include "runtime/platform/Time.h"

#include <algorithm>

namespace lcp::rt {
namespace {

/// When every value is written first and read last. Inputs and outputs belong
/// to the caller between runs, so they live throughout.
Result<std::vector<Lifetime>> valueLifetimes(const ModelInfo &model) {
  std::vector<Lifetime> lives;
  for (const TensorSpec &value : model.values) {
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(value));
    lives.push_back({size, 0, 0});
  }
  const uint32_t end = uint32_t(model.steps.size());
  auto write = [&](uint32_t value, uint32_t step) {
    lives[value].first = lives[value].last = step;
  };
  auto read = [&](uint32_t value, uint32_t step) { lives[value].last = step; };
  for (uint32_t s = 0; s < end; ++s) {
    if (const auto *merge = std::get_if<ModelMerge>(&model.steps[s])) {
      for (uint32_t value : merge->inputs)
        read(value, s);
      write(merge->output, s);
      continue;
    }
    for (const ModelBranch &b : std::get<ModelStage>(model.steps[s]).branches) {
      for (uint32_t value : b.inputs)
        read(value, s);
      for (uint32_t value : b.outputs)
        write(value, s);
    }
  }
  for (const ModelInput &input : model.inputs)
    lives[input.value].first = 0, lives[input.value].last = end;
  for (const ModelOutput &output : model.outputs)
    lives[output.value].first = 0, lives[output.value].last = end;
  return lives;
}

} // namespace

Result<std::unique_ptr<Executor>>
Executor::load(const Bundle &bundle, const DriverRegistry &drivers,
               const ExecutorOptions &options) {
  std::unique_ptr<Executor> executor(new Executor(bundle.model()));
  LCP_ASSIGN_OR_RETURN(executor->preferred,
                       findEngine(bundle.model(), drivers, options.engine));
  executor->remote = options.remote;
  LCP_RETURN_IF_ERROR(executor->prepareToDegrade(bundle, options));
  executor->profiling = options.profile;
  executor->trace = options.trace;
  LCP_ASSIGN_OR_RETURN(executor->pool, ThreadPool::create(options.threads));
  LCP_ASSIGN_OR_RETURN(executor->single, ThreadPool::create(1));
  // Before anything as large as the tensors is made.
  LCP_ASSIGN_OR_RETURN(std::vector<Lifetime> lives,
                       valueLifetimes(bundle.model()));
  LCP_ASSIGN_OR_RETURN(MemoryPlan places, planMemory(lives));
  LCP_RETURN_IF_ERROR(checkMemory(places.size, options.memory));
  LCP_RETURN_IF_ERROR(executor->loadSteps(bundle, drivers, options));
  LCP_RETURN_IF_ERROR(executor->makeArena(places, options.memory));
  executor->bindPointers();
  return executor;
}

Status Executor::prepareToDegrade(const Bundle &bundle,
                                  const ExecutorOptions &options) {
  without.assign(model_.deviceCount(), false);
  for (const ModelStage *stage : model_.stages())
    came.resize(std::max(came.size(), stage->branches.size()));
  leftOut = without;
  for (unsigned device : options.without) {
    if (device >= without.size())
      return Status(StatusCode::InvalidArgument,
                    "there is no branch " + std::to_string(device) +
                        " to do without; " + model_.name + " has " +
                        std::to_string(without.size()));
    without[device] = true;
  }
  if (!options.degrade)
    return {};
  if (std::count(without.begin(), without.end(), false) == 0)
    return Status(StatusCode::InvalidArgument,
                  "an answer cannot do without every branch");
  LCP_ASSIGN_OR_RETURN(substitutes, Substitutes::make(bundle));
  return {};
}

Status Executor::loadSteps(const Bundle &bundle, const DriverRegistry &drivers,
                           const ExecutorOptions &options) {
  for (const ModelStep &description : model_.steps) {
    Step &step = steps.emplace_back();
    step.description = &description;
    if (const auto *merge = std::get_if<ModelMerge>(&description)) {
      step.merge = std::make_unique<PreparedMerge>(model_, *merge);
      continue;
    }
    const ModelStage &stage = std::get<ModelStage>(description);
    if (stage.parallel && options.remote)
      continue;
    LCP_ASSIGN_OR_RETURN(step.stage,
                         loadStage(bundle, stage, drivers, options));
  }
  return {};
}

Result<std::unique_ptr<Executor::LocalStage>>
Executor::loadStage(const Bundle &bundle, const ModelStage &stage,
                    const DriverRegistry &drivers,
                    const ExecutorOptions &options) {
  auto local = std::make_unique<LocalStage>();
  for (const ModelBranch &branch : stage.branches) {
    LCP_ASSIGN_OR_RETURN(
        std::unique_ptr<LoadedBranch> loaded,
        LoadedBranch::load(bundle, branch, drivers, preferred, options.pace));
    if (options.profile)
      loaded->enableProfile();
    local->branches.push_back(std::move(loaded));
    local->inputs.emplace_back(branch.inputs.size());
    local->outputs.emplace_back(branch.outputs.size());
  }
  // A thread a branch needs no synchronisation inside the layers; with fewer
  // branches than threads some threads would have nothing to do.
  local->sideBySide = !options.pace && options.threads > 1 &&
                      stage.branches.size() >= options.threads;
  local->results.resize(stage.branches.size());
  return local;
}

Status Executor::makeArena(const MemoryPlan &plan, uint64_t limit) {
  scratchOffset = plan.size;
  uint64_t scratch = 0;
  for (Step &step : steps) {
    if (!step.stage)
      continue;
    LocalStage &stage = *step.stage;
    std::vector<Lifetime> blocks;
    for (uint32_t b = 0; b < stage.branches.size(); ++b) {
      uint32_t time = stage.sideBySide ? 0 : b;
      blocks.push_back({stage.branches[b]->scratchBytes(), time, time});
    }
    LCP_ASSIGN_OR_RETURN(MemoryPlan places, planMemory(blocks));
    stage.scratch = std::move(places.offsets);
    scratch = std::max(scratch, places.size);
  }
  std::optional<uint64_t> total = checkedAdd(scratchOffset, scratch);
  if (!total)
    return Status(StatusCode::ResourceExhausted, "the model fits no memory");
  LCP_RETURN_IF_ERROR(checkMemory(*total, limit));
  LCP_ASSIGN_OR_RETURN(arena, AlignedBuffer::allocate(*total));
  for (uint64_t offset : plan.offsets)
    values.push_back(arena.data() + offset);
  return {};
}

void Executor::bindPointers() {
  for (Step &step : steps) {
    if (const auto *merge = std::get_if<ModelMerge>(step.description))
      for (uint32_t value : merge->inputs)
        step.mergeInputs.push_back(values[value]);
    if (!step.stage)
      continue;
    const ModelStage &stage = std::get<ModelStage>(*step.description);
    for (size_t b = 0; b < stage.branches.size(); ++b) {
      const ModelBranch &branch = stage.branches[b];
      for (size_t i = 0; i < branch.inputs.size(); ++i)
        step.stage->inputs[b][i] = values[branch.inputs[i]];
      for (size_t i = 0; i < branch.outputs.size(); ++i)
        step.stage->outputs[b][i] = values[branch.outputs[i]];
    }
  }
}

Span<std::byte> Executor::input(size_t index) {
  // The size was computed without overflow when the arena was planned.
  return {values[model_.inputs[index].value],
          *byteSize(model_.inputSpec(index))};
}

void Executor::setImage(size_t index, std::optional<EncodedImage> image) {
  const uint32_t value = model_.inputs[index].value;
  images_.erase(value);
  if (image)
    images_.emplace(value, *std::move(image));
}

ByteSpan Executor::output(size_t index) const {
  return {values[model_.outputs[index].value],
          *byteSize(model_.outputSpec(index))};
}

Status Executor::run(Deadline deadline) {
  std::copy(without.begin(), without.end(), leftOut.begin());
  const Deadline begin = Deadline::clock::now();
  if (remote)
    LCP_RETURN_IF_ERROR(remote->begin(deadline, images_));
  Status status = runSteps();
  if (remote)
    remote->end();
  if (trace)
    record("inferences", status.ok() ? "inference" : "failed inference", begin);
  return status;
}

/// What ends now.
void Executor::record(const char *lane, const std::string &name,
                      Deadline begin) const {
  trace->add({"this machine", lane, name, begin, Deadline::clock::now()});
}

/// "merge", "stage 0", or "stage 0, elsewhere".
static std::string describe(const ModelStep &step, bool isHere) {
  if (std::holds_alternative<ModelMerge>(step))
    return "merge";
  return "stage " + std::to_string(std::get<ModelStage>(step).index) +
         (isHere ? "" : ", elsewhere");
}

Status Executor::runSteps() {
  if (!profiling && !trace) {
    for (Step &step : steps)
      LCP_RETURN_IF_ERROR(runStep(step));
    return {};
  }
  for (Step &step : steps) {
    const Deadline begin = Deadline::clock::now();
    LCP_RETURN_IF_ERROR(runStep(step));
    step.nanoseconds += uint64_t((Deadline::clock::now() - begin).count());
    if (trace)
      record("steps", describe(*step.description, step.stage != nullptr),
             begin);
  }
  return {};
}

std::vector<unsigned> Executor::missing() const {
  std::vector<unsigned> devices;
  for (unsigned device = 0; device < leftOut.size(); ++device)
    if (leftOut[device])
      devices.push_back(device);
  return devices;
}

Status Executor::runBranch(size_t step, size_t branch,
                           Span<const void *const> inputs,
                           Span<void *const> outputs) {
  LocalStage &stage = *steps[step].stage;
  return stage.branches[branch]->run(
      inputs, outputs, arena.data() + scratchOffset + stage.scratch[branch],
      *pool);
}

Status Executor::runStep(Step &step) {
  if (step.merge) {
    const auto &merge = std::get<ModelMerge>(*step.description);
    if (remote && !remote->wants(merge))
      return {};
    step.merge->run({step.mergeInputs.data(), step.mergeInputs.size()},
                    values[merge.output]);
    return {};
  }
  return runStage(std::get<ModelStage>(*step.description), step.stage.get());
}

/// A device that misses one stage is left out of all later ones, so that the
/// answer is that of the model without it.
Status Executor::runStage(const ModelStage &description, LocalStage *stage) {
  const size_t branches = description.branches.size();
  came.assign(branches, true);
  for (size_t b = 0; description.parallel && b < branches; ++b)
    came[b] = !leftOut[description.firstDevice + b];
  LCP_RETURN_IF_ERROR(stage ? runHere(came, *stage)
                            : remote->runStage(description,
                                               {values.data(), values.size()},
                                               came));
  for (size_t b = 0; b < branches; ++b)
    if (!came[b]) {
      leftOut[description.firstDevice + b] = true;
      substitutes->fill(description.branches[b],
                        {values.data(), values.size()});
    }
  return {};
}

Status Executor::runHere(const std::vector<bool> &wanted, LocalStage &stage) {
  std::byte *scratch = arena.data() + scratchOffset;
  auto runBranch = [&](size_t b, ThreadPool &team) {
    return stage.branches[b]->run(
        {stage.inputs[b].data(), stage.inputs[b].size()},
        {stage.outputs[b].data(), stage.outputs[b].size()},
        scratch + stage.scratch[b], team);
  };
  if (!stage.sideBySide) {
    for (size_t b = 0; b < stage.branches.size(); ++b)
      if (wanted[b])
        LCP_RETURN_IF_ERROR(runBranch(b, *pool));
    return {};
  }
  pool->run([&](unsigned thread, unsigned threads) {
    for (size_t b = thread; b < stage.branches.size(); b += threads)
      stage.results[b] = wanted[b] ? runBranch(b, *single) : Status();
  });
  for (Status &result : stage.results)
    LCP_RETURN_IF_ERROR(result);
  return {};
}

std::vector<ProfileRow> Executor::profile() const {
  std::vector<ProfileRow> rows;
  for (size_t s = 0; s < steps.size(); ++s) {
    const Step &step = steps[s];
    if (step.stage) {
      for (const std::unique_ptr<LoadedBranch> &branch : step.stage->branches)
        branch->appendProfile(rows);
      continue;
    }
    rows.push_back(
        {"-", "", step.merge ? "merge" : "remote stage", step.nanoseconds});
  }
  return rows;
}

} // namespace lcp::rt
