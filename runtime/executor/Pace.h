//===- Pace.h - Branches that answer at another device's time ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For emulating slow devices on a fast machine: the answer is the real one, and
// comes when the emulated device would have it. How long that is, is for
// whoever sets a pace to say; whoever shows times of a paced run calls them
// modelled.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_PACE_H
#define LCP_RUNTIME_EXECUTOR_PACE_H

#include "common/base/Span.h"
#include "common/base/Status.h"
#include "common/base/Tensor.h"
#include "runtime/bundle/ModelInfo.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lcp::rt {

/// The pace of one branch.
class BranchPace {
public:
  explicit BranchPace(uint64_t nanoseconds) : nanoseconds(nanoseconds) {}

  /// Sleeps until the branch's time has passed since `begin`
  /// (monotonicNanoseconds). A run that took longer is counted.
  void wait(uint64_t begin);

  uint64_t time() const { return nanoseconds; }
  uint64_t runs() const { return allRuns; }
  uint64_t misses() const { return lateRuns; }
  uint64_t slowest() const { return longest; }

private:
  const uint64_t nanoseconds;
  /// Of a branch that runs on one thread, and is asked about on another.
  std::atomic<uint64_t> allRuns{0}, lateRuns{0}, longest{0};
};

/// The paces of a process.
class Pace {
public:
  /// Of "s0.b2=12.5", in milliseconds.
  static Result<Pace> parse(const std::vector<std::string> &arguments,
                            const ModelInfo &model);

  /// Null for a branch without one, which runs as it can.
  BranchPace *find(const std::string &branch) const;

  bool empty() const { return branches.empty(); }
  /// "s0.b2 12.5 ms, …".
  std::string describe() const;
  /// A line for each branch that took longer here than it should appear to:
  /// what was measured of it is not the emulated device's.
  std::vector<std::string> describeMisses() const;

private:
  std::map<std::string, std::unique_ptr<BranchPace>> branches;
};

/// The last inputs of a branch and what it answered. Emulated devices share
/// this machine's cores; one that is asked the same again need not compute.
class LastAnswer {
public:
  static Result<LastAnswer> allocate(Span<const TensorSpec> inputs,
                                     Span<const TensorSpec> outputs);

  /// Writes the outputs if the inputs are those of the last time.
  bool recall(Span<const void *const> inputs, Span<void *const> outputs) const;
  void remember(Span<const void *const> inputs, Span<void *const> outputs);

private:
  std::vector<AlignedBuffer> inputs, outputs;
  bool known = false;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_PACE_H
