//===- LocalModels.cpp - A bundle as models to serve ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/LocalModels.h"

#include "runtime/cluster/Signatures.h"

#include <algorithm>
#include <cstring>
#include <mutex>

using namespace lcp::rt;

namespace {

/// What the branches on one machine share.
struct Machine {
  std::timed_mutex mutex;
  std::unique_ptr<ThreadPool> pool;
  AlignedBuffer scratch;
};

class BranchServable final : public Servable {
public:
  BranchServable(ModelSignature signature, std::unique_ptr<LoadedBranch> branch,
                 std::shared_ptr<Machine> machine)
      : Servable(std::move(signature)), branch(std::move(branch)),
        machine(std::move(machine)) {}

  Status run(Span<const void *const> inputs, Span<void *const> outputs,
             Deadline deadline) override {
    std::unique_lock<std::timed_mutex> lock(machine->mutex, std::defer_lock);
    if (deadline == noDeadline)
      lock.lock();
    else if (!lock.try_lock_until(deadline))
      return Status(StatusCode::DeadlineExceeded,
                    "the deadline passed while other branches were running");
    return branch->run(inputs, outputs, machine->scratch.data(),
                       *machine->pool);
  }

private:
  std::unique_ptr<LoadedBranch> branch;
  std::shared_ptr<Machine> machine;
};

class WholeServable final : public Servable {
public:
  WholeServable(ModelSignature signature, std::unique_ptr<Cluster> cluster,
                std::unique_ptr<Executor> executor)
      : Servable(std::move(signature)), cluster(std::move(cluster)),
        executor(std::move(executor)) {}

  Status run(Span<const void *const> inputs, Span<void *const> outputs,
             Deadline deadline) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      Span<std::byte> memory = executor->input(i);
      std::memcpy(memory.data(), inputs[i], memory.size());
    }
    if (cluster)
      cluster->limitDeadline(deadline);
    LCP_RETURN_IF_ERROR(executor->run());
    for (size_t i = 0; i < outputs.size(); ++i) {
      ByteSpan memory = executor->output(i);
      std::memcpy(outputs[i], memory.data(), memory.size());
    }
    return Status();
  }

private:
  /// The executor uses it.
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Executor> executor;
};

} // namespace

/// The branches to serve; they are in the bundle.
static Result<std::vector<const ModelBranch *>>
selectBranches(const ModelInfo &model, const std::vector<unsigned> &indices) {
  std::vector<const ModelBranch *> selected;
  size_t most = 0;
  for (const ModelStage *stage : model.stages()) {
    if (!stage->parallel)
      continue;
    most = std::max(most, stage->branches.size());
    for (unsigned b = 0; b < stage->branches.size(); ++b) {
      const ModelBranch &branch = stage->branches[b];
      bool wanted =
          std::find(indices.begin(), indices.end(), b) != indices.end();
      if (wanted && branch.omitted)
        return Status(StatusCode::NotFound,
                      "branch " + branch.name +
                          " is not in this bundle, which was made for another "
                          "device");
      if (wanted || (indices.empty() && !branch.omitted))
        selected.push_back(&branch);
    }
  }
  for (unsigned index : indices)
    if (index >= most)
      return Status(StatusCode::InvalidArgument,
                    most == 0 ? model.name + " has no branches; it is not split"
                              : "there is no branch " + std::to_string(index) +
                                    "; " + model.name + " has 0 to " +
                                    std::to_string(most - 1));
  return selected;
}

Result<std::vector<std::unique_ptr<Servable>>>
lcp::rt::loadBranches(const Bundle &bundle, const DriverRegistry &drivers,
                      const std::vector<unsigned> &indices,
                      const LoadOptions &options) {
  const ModelInfo &model = bundle.model();
  LCP_ASSIGN_OR_RETURN(std::vector<const ModelBranch *> selected,
                       selectBranches(model, indices));
  auto machine = std::make_shared<Machine>();
  LCP_ASSIGN_OR_RETURN(machine->pool, ThreadPool::create(options.threads));
  std::string version = bundleVersion(bundle);
  uint64_t scratch = 0;
  std::vector<std::unique_ptr<Servable>> models;
  for (const ModelBranch *branch : selected) {
    LCP_ASSIGN_OR_RETURN(
        std::unique_ptr<LoadedBranch> loaded,
        LoadedBranch::load(bundle, *branch, drivers, options.driver));
    scratch = std::max(scratch, loaded->scratchBytes());
    models.push_back(std::make_unique<BranchServable>(
        branchSignature(model, version, *branch), std::move(loaded), machine));
  }
  LCP_ASSIGN_OR_RETURN(machine->scratch, AlignedBuffer::allocate(scratch));
  return models;
}

Result<std::unique_ptr<Servable>>
lcp::rt::loadWhole(const Bundle &bundle, const DriverRegistry &drivers,
                   const LoadOptions &options,
                   std::unique_ptr<Cluster> cluster) {
  ExecutorOptions execution;
  execution.threads = options.threads;
  execution.driver = options.driver;
  execution.remote = cluster.get();
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
                       Executor::load(bundle, drivers, execution));
  return std::unique_ptr<Servable>(
      new WholeServable(wholeSignature(bundle.model(), bundleVersion(bundle)),
                        std::move(cluster), std::move(executor)));
}

bool lcp::rt::isComplete(const ModelInfo &model) {
  for (const ModelStage *stage : model.stages())
    for (const ModelBranch &branch : stage->branches)
      if (branch.omitted)
        return false;
  return true;
}
