//===- Executor.h - A whole model, ready to run -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_EXECUTOR_H
#define LCP_RUNTIME_EXECUTOR_EXECUTOR_H

#include "common/base/MemoryPlan.h"
#include "runtime/bundle/Bundle.h"
#include "runtime/driver/Driver.h"
#include "runtime/executor/LoadedBranch.h"
#include "runtime/executor/Merge.h"
#include "runtime/executor/Substitutes.h"
#include "runtime/executor/Traffic.h"
#include "runtime/platform/Trace.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lcp::rt {

/// Runs parallel stages somewhere else: the cluster's coordinator. One object
/// is at one inference at a time, from one thread.
class RemoteStages {
public:
  virtual ~RemoteStages() = default;

  /// An inference begins, to be answered by `deadline`, even if the stages' own
  /// limit is longer. Who computes elsewhere gets the `images` in place of the
  /// inputs that were made of them, if it makes the same of them. Fails with
  /// ResourceExhausted if there is no room for another inference.
  virtual Status begin(Deadline deadline, const InputImages &images) = 0;

  /// Computes the outputs of branches of the stage from their inputs. `values`
  /// has the memory of every value of the model, by index, aligned to
  /// tensorAlignment; a branch's `inputs` and `outputs` are such indices. A
  /// value that only branches of later remote stages read need not be written.
  /// `came` has a flag for each branch: on entry whether it is wanted, on
  /// success whether its outputs are there, which may be fewer only if the
  /// stages were made to degrade.
  virtual Status runStage(const ModelStage &stage,
                          Span<std::byte *const> values,
                          std::vector<bool> &came) = 0;

  /// Whether this inference needs the result of a merge behind the latest
  /// stage: not if only later stages read it, and merge it themselves.
  virtual bool wants(const ModelMerge &) const { return true; }

  /// The inference is over, well or not.
  virtual void end() = 0;

  /// OK if each branch has somebody to run it now, else what is missing. From
  /// any thread, and without waiting.
  virtual Status ready() const { return Status(); }

  /// Of all runs so far.
  virtual Traffic traffic() const = 0;

  /// By device, whether its branches run in this very process; nothing if that
  /// is another from one inference to the next.
  virtual std::optional<std::vector<bool>> devicesHere() const {
    return std::nullopt;
  }
};

/// Makes what one executor runs its parallel stages by.
using MakeRemoteStages = std::function<std::unique_ptr<RemoteStages>()>;

struct ExecutorOptions {
  unsigned threads = 1;
  /// The engine for all parts that it supports. Others, and all if it is empty,
  /// run on the first engine that supports them.
  std::string engine;
  /// If set, runs every parallel stage, and none of their branches is loaded.
  RemoteStages *remote = nullptr;
  /// Answer even if branches are missing; see Substitutes.
  bool degrade = false;
  /// With `degrade`: the devices whose branches are to be missing.
  std::vector<unsigned> without;
  /// If set, branches that it has take that long, one after the other. Outlives
  /// the executor.
  const Pace *pace = nullptr;
  bool profile = false;
  /// If set, records inferences and their steps; outlives the executor.
  Trace *trace = nullptr;
  /// Most bytes for values and scratch; 0: as much as the machine has.
  uint64_t memory = 0;
};

/// Runs the steps of a bundle in order, over one block of memory that is
/// allocated here and nowhere else. From one thread at a time.
class Executor {
public:
  /// Loads every branch. The bundle, the drivers and options.remote must
  /// outlive the result.
  static Result<std::unique_ptr<Executor>> load(const Bundle &bundle,
                                                const DriverRegistry &drivers,
                                                const ExecutorOptions &options);

  const ModelInfo &model() const { return model_; }

  /// The memory of a model's input, to be filled before run(). It keeps its
  /// contents from run to run.
  Span<std::byte> input(size_t index);
  /// What the contents of an input were made of, by the bundle's description,
  /// if they were made of an image. It too stays from run to run.
  void setImage(size_t index, std::optional<EncodedImage> image);
  const InputImages &images() const { return images_; }
  /// The memory of a model's output, valid until the next run().
  ByteSpan output(size_t index) const;

  /// One inference; stages elsewhere are to be done by `deadline`. On success
  /// allocates nothing here.
  Status run(Deadline deadline = noDeadline);

  /// The devices whose branches the answer of the last run is without.
  std::vector<unsigned> missing() const;

  /// Only one branch, with tensors of the caller's, see LoadedBranch::run: step
  /// and place of a branch that runs here. Not while another run is going on.
  Status runBranch(size_t step, size_t branch, Span<const void *const> inputs,
                   Span<void *const> outputs);

  /// Memory for values and scratch, weights not counted.
  uint64_t arenaBytes() const { return arena.size(); }

  /// Times since load(), if options.profile is set. Stages that run remotely
  /// and merges are one row each.
  std::vector<ProfileRow> profile() const;

private:
  /// A stage that runs here: one entry a branch.
  struct LocalStage {
    std::vector<std::unique_ptr<LoadedBranch>> branches;
    std::vector<std::vector<const void *>> inputs;
    std::vector<std::vector<void *>> outputs;
    /// Offsets of the branches' scratch memory; all the same where they run one
    /// after another.
    std::vector<uint64_t> scratch;
    std::vector<Status> results;
    bool sideBySide = false;
  };
  struct Step {
    const ModelStep *description = nullptr;
    /// Absent: the stage is remote.
    std::unique_ptr<LocalStage> stage;
    std::unique_ptr<PreparedMerge> merge;
    std::vector<const std::byte *> mergeInputs;
    uint64_t nanoseconds = 0;
  };

  explicit Executor(const ModelInfo &model) : model_(model) {}
  Status prepareToDegrade(const Bundle &bundle, const ExecutorOptions &options);
  Status loadSteps(const Bundle &bundle, const DriverRegistry &drivers,
                   const ExecutorOptions &options);
  Result<std::unique_ptr<LocalStage>> loadStage(const Bundle &bundle,
                                                const ModelStage &stage,
                                                const DriverRegistry &drivers,
                                                const ExecutorOptions &options);
  Status makeArena(const MemoryPlan &values, uint64_t limit);
  void bindPointers();
  Status runSteps();
  Status runStep(Step &step);
  void record(const char *lane, const std::string &name, Deadline begin) const;
  Status runStage(const ModelStage &description, LocalStage *stage);
  Status runHere(const std::vector<bool> &wanted, LocalStage &stage);

  const ModelInfo &model_;
  const Driver *preferred = nullptr;
  RemoteStages *remote = nullptr;
  bool profiling = false;
  Trace *trace = nullptr;
  std::optional<Substitutes> substitutes;
  /// By device: those that every answer is without, and those that this one is
  /// without.
  std::vector<bool> without, leftOut;
  /// By branch of the stage that runs: which are wanted, then which came.
  std::vector<bool> came;
  std::unique_ptr<ThreadPool> pool, single;
  std::vector<Step> steps;
  AlignedBuffer arena;
  uint64_t scratchOffset = 0;
  std::vector<std::byte *> values;
  InputImages images_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_EXECUTOR_H
