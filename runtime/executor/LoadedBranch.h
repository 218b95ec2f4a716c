//===- LoadedBranch.h - One branch, ready to run ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_LOADEDBRANCH_H
#define LCP_RUNTIME_EXECUTOR_LOADEDBRANCH_H

#include "runtime/bundle/Bundle.h"
#include "runtime/driver/Driver.h"
#include "runtime/executor/Pace.h"

#include <memory>
#include <string>
#include <vector>

namespace lcp::rt {

/// A line of a profile: the time that one layer took, over all runs, and the
/// engine that ran it; empty where none did.
struct ProfileRow {
  std::string branch, engine, layer;
  uint64_t nanoseconds = 0;
};

/// A branch of a bundle with its parts loaded onto their engines. A worker that
/// serves one branch needs nothing else of the executor.
class LoadedBranch {
public:
  /// Checks the hashes of the branch's segments and loads its parts. The bundle
  /// must outlive the result. A part goes to `preferred`, if that is not null
  /// and supports the part's format, or else to the first engine that does.
  /// With a `pace` that has this branch, run() takes that long; it outlives the
  /// result.
  static Result<std::unique_ptr<LoadedBranch>>
  load(const Bundle &bundle, const ModelBranch &branch,
       const DriverRegistry &drivers, const Driver *preferred = nullptr,
       const Pace *pace = nullptr);

  const ModelBranch &description() const { return branch; }

  /// Memory that run() needs besides inputs and outputs.
  uint64_t scratchBytes() const { return scratchSize; }

  /// Runs the parts in order. One pointer for every input and output of the
  /// branch, and scratchBytes() of scratch, all aligned to tensorAlignment.
  /// Allocates nothing on success. From one thread at a time.
  Status run(Span<const void *const> inputs, Span<void *const> outputs,
             std::byte *scratch, ThreadPool &pool);

  /// From now on run() adds up times.
  void enableProfile();
  void appendProfile(std::vector<ProfileRow> &rows) const;

  LoadedBranch(const LoadedBranch &) = delete;
  LoadedBranch &operator=(const LoadedBranch &) = delete;

private:
  struct Part {
    const ModelPart *description = nullptr;
    std::string engine;
    AlignedBuffer code;
    std::vector<TensorSpec> inputSpecs, outputSpecs;
    std::unique_ptr<Executable> executable;
    /// Filled anew by every run.
    std::vector<const void *> inputs;
    std::vector<void *> outputs;
    std::vector<uint64_t> layerNanoseconds;
    uint64_t nanoseconds = 0;
  };

  explicit LoadedBranch(const ModelBranch &branch) : branch(branch) {}
  Status planScratch();
  Status loadPart(const Bundle &bundle, const ModelPart &description,
                  const DriverRegistry &drivers, const Driver *preferred);
  Status makePace(const Pace &pace);
  Status runParts(Span<const void *const> inputs, Span<void *const> outputs,
                  std::byte *scratch, ThreadPool &pool);
  Status runPart(Part &part, std::byte *scratch, ThreadPool &pool);

  const ModelBranch &branch;
  std::vector<Part> parts;
  /// Offsets into the scratch memory of the slots behind the outputs.
  std::vector<uint64_t> localOffsets;
  uint64_t arenaOffset = 0, scratchSize = 0;
  /// Where every slot is during a run.
  std::vector<void *> slots;
  bool profiling = false;
  /// Null for a branch that runs as it can.
  BranchPace *pace = nullptr;
  LastAnswer lastAnswer;
};

/// The driver of the engine that a caller asks for by name, to be passed to
/// load(); null if the name is empty. Fails if there is no such engine, or if
/// it supports no part of the model.
Result<const Driver *> findEngine(const ModelInfo &model,
                                  const DriverRegistry &drivers,
                                  const std::string &engine);

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_LOADEDBRANCH_H
