//===- ExchangeRun.h - Stages that workers run among themselves -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_EXCHANGERUN_H
#define LCP_RUNTIME_CLUSTER_EXCHANGERUN_H

#include "runtime/cluster/ExchangePlan.h"
#include "runtime/cluster/Fleet.h"
#include "runtime/cluster/Request.h"

#include <list>

namespace lcp::rt {

/// One segment of one request. All of its calls are made at once: each says
/// what its worker awaits from others and what it pushes to whom, so nothing
/// waits for the coordinator.
///
/// An attempt is all calls on one choice of workers, under an id of its own, so
/// that no shard of one is taken for another's. It stands or falls as a whole.
/// A second one, with other workers, is made if the first is late, and both are
/// given up where single branches have a better chance.
class ExchangeRun {
public:
  using Done = std::function<void(Result<ExchangedValues>)>;

  /// `fleet`, `segment` and `values` outlive this; `values` has the memory of
  /// every value of the model, by index.
  ExchangeRun(Fleet &fleet, std::shared_ptr<Request> request,
              const ExchangeSegment &segment, Span<std::byte *const> values,
              Done done);
  /// Cancels what is under way.
  ~ExchangeRun();
  ExchangeRun(const ExchangeRun &) = delete;
  ExchangeRun &operator=(const ExchangeRun &) = delete;

  /// Begins; `done` is called once, later, and may destroy this. Fails, and
  /// does not call it, with Unavailable if a branch has nobody to run it, with
  /// Unsupported if a worker cannot reach another one, with ResourceExhausted
  /// if a worker has too many calls.
  Status start();

private:
  struct Call {
    const ExchangedBranch *branch = nullptr;
    std::shared_ptr<const BranchCall> call;
    size_t worker = 0;
    Transport::CallId id = 0;
    bool isOver = false;
  };
  struct Attempt {
    /// By device: number of the worker.
    std::map<size_t, size_t> workers;
    /// In the order of the stages.
    std::vector<Call> calls;
    size_t left = 0;
    TimePoint begun;
    ExchangedValues values;
  };
  using Attempts = std::list<Attempt>;

  Result<std::map<size_t, size_t>> chooseWorkers(const Attempt *other) const;
  Status check(const std::map<size_t, size_t> &workers) const;
  void begin(std::map<size_t, size_t> workers);
  std::shared_ptr<const BranchCall>
  makeCall(const ExchangedBranch &branch, const std::string &id,
           const std::map<size_t, size_t> &workers) const;
  void hedge();
  void giveUp();
  void answered(Attempts::iterator attempt, size_t call,
                Result<BranchAnswer> answer);
  void failed(Attempts::iterator attempt, Status status);
  const Call *suspectTheLate(const Attempt &attempt);
  void drop(Attempts::iterator attempt);
  void finish(Result<ExchangedValues> result);

  Fleet &fleet;
  std::shared_ptr<Request> request;
  const ExchangeSegment &segment;
  Done done;
  /// What the coordinator sends, by value; all messages share it.
  std::map<uint32_t, TensorPointer> tensors;
  Attempts attempts;
  unsigned begun = 0;
  Transport::TimerId hedgeTimer = 0, endTimer = 0;
  Status failure;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_EXCHANGERUN_H
