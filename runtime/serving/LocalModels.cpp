//===- LocalModels.cpp - A bundle as models to serve ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/LocalModels.h"

#include "runtime/platform/Memory.h"
#include "runtime/rpc/Limits.h"
#include "runtime/rpc/ModelSignature.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// What the models of this process share. One of them runs at a time.
struct Workspace {
  std::timed_mutex mutex;
  /// Of branches alone; the executor of a whole model has its own.
  std::unique_ptr<ThreadPool> pool;
  AlignedBuffer scratch;
};

/// Waits for its turn. Unlocked if the deadline passed.
std::unique_lock<std::timed_mutex> lockWorkspace(Workspace &workspace,
                                                 Deadline deadline) {
  std::unique_lock<std::timed_mutex> lock(workspace.mutex, std::defer_lock);
  if (deadline == noDeadline)
    lock.lock();
  else
    (void)lock.try_lock_until(deadline);
  return lock;
}

Status tooLate() {
  return Status(StatusCode::DeadlineExceeded,
                "the deadline passed while other models were running");
}

class BranchServable final : public Servable {
public:
  using Function =
      std::function<Status(Span<const void *const>, Span<void *const>)>;

  BranchServable(const ModelInfo &model, const std::string &version,
                 const ModelBranch &branch,
                 std::shared_ptr<Workspace> workspace, Function function)
      : Servable(branchSignature(model, version, branch)),
        workspace(std::move(workspace)), function(std::move(function)) {
    for (uint32_t value : branch.inputs) {
      const ModelMerge *merge = model.mergeOf(value);
      merges.push_back(merge ? std::optional<PreparedMerge>({model, *merge})
                             : std::nullopt);
    }
  }

  Status run(ServableRun &run) override {
    auto lock = lockWorkspace(*workspace, run.deadline);
    return lock ? function(run.inputs, run.outputs) : tooLate();
  }
  void merge(size_t input, Span<const std::byte *const> pieces,
             void *out) const override {
    merges[input]->run(pieces, static_cast<std::byte *>(out));
  }

private:
  std::shared_ptr<Workspace> workspace;
  Function function;
  /// For each input that is a merge's result.
  std::vector<std::optional<PreparedMerge>> merges;
};

Status runWhole(Executor &executor, ServableRun &run) {
  for (size_t i = 0; i < run.inputs.size(); ++i) {
    Span<std::byte> memory = executor.input(i);
    std::memcpy(memory.data(), run.inputs[i], memory.size());
  }
  LCP_RETURN_IF_ERROR(executor.run(run.deadline));
  for (size_t i = 0; i < run.outputs.size(); ++i) {
    ByteSpan memory = executor.output(i);
    std::memcpy(run.outputs[i], memory.data(), memory.size());
  }
  run.missing = executor.missing();
  return Status();
}

/// Has the inputs that came as images go on as they came, if that is smaller.
/// Copies: a message may outlive the request.
void passImagesOn(const ServableRun &run, Executor &executor) {
  for (size_t i = 0; i < run.images.size(); ++i) {
    std::optional<EncodedImage> image;
    const std::optional<ImageView> &came = run.images[i];
    if (came && came->bytes.size() < executor.input(i).size())
      image = {came->form, std::make_shared<const std::vector<std::byte>>(
                               came->bytes.begin(), came->bytes.end())};
    executor.setImage(i, std::move(image));
  }
}

class WholeServable final : public Servable {
public:
  WholeServable(ModelSignature signature, std::shared_ptr<Workspace> workspace,
                std::shared_ptr<Executor> executor)
      : Servable(std::move(signature)), workspace(std::move(workspace)),
        executor(std::move(executor)) {}

  Status run(ServableRun &run) override {
    auto lock = lockWorkspace(*workspace, run.deadline);
    return lock ? runWhole(*executor, run) : tooLate();
  }

private:
  std::shared_ptr<Workspace> workspace;
  std::shared_ptr<Executor> executor;
};

/// A whole model whose branches run elsewhere: while one inference waits for
/// them, others go on.
class RemoteServable final : public Servable {
public:
  struct Lane {
    /// The executor uses it.
    std::unique_ptr<RemoteStages> remote;
    std::shared_ptr<Executor> executor;
  };

  RemoteServable(ModelSignature signature, std::vector<Lane> allLanes)
      : Servable(std::move(signature)), lanes(std::move(allLanes)) {
    for (Lane &lane : lanes)
      free.push_back(&lane);
  }

  Status run(ServableRun &run) override {
    Lane *lane = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex);
      lane = free.back();
      free.pop_back();
    }
    passImagesOn(run, *lane->executor);
    Status status = runWhole(*lane->executor, run);
    std::lock_guard<std::mutex> lock(mutex);
    free.push_back(lane);
    return status;
  }

  size_t concurrency() const override { return lanes.size(); }
  Status ready() const override { return lanes.front().remote->ready(); }

private:
  std::vector<Lane> lanes;
  std::mutex mutex;
  /// Those that no run uses.
  std::vector<Lane *> free;
};

} // namespace

/// The branches of these devices; they are in the bundle.
static Result<std::vector<const ModelBranch *>>
selectBranches(const ModelInfo &model, const std::vector<unsigned> &indices) {
  std::vector<const ModelBranch *> selected;
  const size_t most = model.deviceCount();
  for (const ModelStage *stage : model.stages()) {
    if (!stage->parallel)
      continue;
    for (unsigned b = 0; b < stage->branches.size(); ++b) {
      const ModelBranch &branch = stage->branches[b];
      bool wanted = std::find(indices.begin(), indices.end(),
                              stage->firstDevice + b) != indices.end();
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
  LCP_ASSIGN_OR_RETURN(const Driver *engine,
                       findEngine(model, drivers, options.engine));
  auto workspace = std::make_shared<Workspace>();
  LCP_ASSIGN_OR_RETURN(workspace->pool, ThreadPool::create(options.threads));
  std::string version = bundleVersion(bundle);
  uint64_t scratch = 0;
  std::vector<std::unique_ptr<Servable>> models;
  for (const ModelBranch *branch : selected) {
    LCP_ASSIGN_OR_RETURN(
        std::unique_ptr<LoadedBranch> loaded,
        LoadedBranch::load(bundle, *branch, drivers, engine, options.pace));
    scratch = std::max(scratch, loaded->scratchBytes());
    auto run = [branch = std::shared_ptr<LoadedBranch>(std::move(loaded)),
                workspace = workspace.get()](Span<const void *const> inputs,
                                             Span<void *const> outputs) {
      return branch->run(inputs, outputs, workspace->scratch.data(),
                         *workspace->pool);
    };
    models.push_back(std::make_unique<BranchServable>(
        model, version, *branch, workspace, std::move(run)));
  }
  LCP_RETURN_IF_ERROR(checkMemory(scratch, options.memory));
  LCP_ASSIGN_OR_RETURN(workspace->scratch, AlignedBuffer::allocate(scratch));
  return models;
}

static Result<std::shared_ptr<Executor>>
loadExecutor(const Bundle &bundle, const DriverRegistry &drivers,
             const LoadOptions &options, RemoteStages *remote) {
  ExecutorOptions execution;
  execution.threads = options.threads;
  execution.engine = options.engine;
  execution.remote = remote;
  execution.memory = options.memory;
  execution.degrade = options.degrade;
  execution.pace = options.pace;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
                       Executor::load(bundle, drivers, execution));
  return std::shared_ptr<Executor>(std::move(executor));
}

Result<std::unique_ptr<Servable>>
lcp::rt::loadWhole(const Bundle &bundle, const DriverRegistry &drivers,
                   const LoadOptions &options,
                   const MakeRemoteStages &makeRemote) {
  ModelSignature signature =
      wholeSignature(bundle.model(), bundleVersion(bundle));
  if (!makeRemote) {
    LCP_ASSIGN_OR_RETURN(std::shared_ptr<Executor> executor,
                         loadExecutor(bundle, drivers, options, nullptr));
    return std::unique_ptr<Servable>(
        new WholeServable(std::move(signature), std::make_shared<Workspace>(),
                          std::move(executor)));
  }
  std::vector<RemoteServable::Lane> lanes(inferencesOfAPeer);
  for (RemoteServable::Lane &lane : lanes) {
    lane.remote = makeRemote();
    LCP_ASSIGN_OR_RETURN(lane.executor, loadExecutor(bundle, drivers, options,
                                                     lane.remote.get()));
  }
  return std::unique_ptr<Servable>(
      new RemoteServable(std::move(signature), std::move(lanes)));
}

Result<std::vector<std::unique_ptr<Servable>>>
lcp::rt::loadWholeAndBranches(const Bundle &bundle,
                              const DriverRegistry &drivers,
                              const LoadOptions &options) {
  const ModelInfo &model = bundle.model();
  std::string version = bundleVersion(bundle);
  auto workspace = std::make_shared<Workspace>();
  LCP_ASSIGN_OR_RETURN(
      std::shared_ptr<Executor> executor,
      loadExecutor(bundle, drivers, options, /*remote=*/nullptr));
  std::vector<std::unique_ptr<Servable>> models;
  for (size_t step = 0; step < model.steps.size(); ++step) {
    const auto *stage = std::get_if<ModelStage>(&model.steps[step]);
    for (size_t b = 0; stage && stage->parallel && b < stage->branches.size();
         ++b) {
      auto run = [executor, step, b](Span<const void *const> inputs,
                                     Span<void *const> outputs) {
        return executor->runBranch(step, b, inputs, outputs);
      };
      models.push_back(std::make_unique<BranchServable>(
          model, version, stage->branches[b], workspace, std::move(run)));
    }
  }
  models.push_back(std::make_unique<WholeServable>(
      wholeSignature(model, version), workspace, std::move(executor)));
  return models;
}
