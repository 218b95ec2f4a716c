//===- LocalDevice.h - The device that a coordinator is ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_LOCALDEVICE_H
#define LCP_RUNTIME_CLUSTER_LOCALDEVICE_H

#include "runtime/cluster/Transport.h"
#include "runtime/platform/Trace.h"
#include "runtime/rpc/EventLoop.h"

#include <atomic>
#include <map>
#include <unordered_map>

namespace lcp::rt {

/// A branch that is computed in this process.
struct LocalBranch {
  ModelSignature signature;
  /// Gets a pointer for every tensor of the signature, aligned to
  /// tensorAlignment. Called from one thread.
  std::function<Status(Span<const void *const> inputs,
                       Span<void *const> outputs)>
      run;
};

/// The coordinator as one of the devices: answers calls as a worker does, from
/// the same forms of images and with the same values kept, but without a
/// connection. It computes on a thread of its own, one call after the other,
/// while other devices are at theirs. All functions are the loop's thread's.
class LocalDevice {
public:
  using CallId = Transport::CallId;

  /// The loop and `trace`, which may be null, outlive the result. Fails with
  /// ResourceExhausted.
  static Result<std::unique_ptr<LocalDevice>>
  start(EventLoop &loop, std::vector<LocalBranch> branches, Trace *trace);
  /// Waits for the branch that runs; the calls that are left are dropped. On
  /// any other thread than the loop's.
  ~LocalDevice();

  /// See Transport::call and check.
  CallId call(const BranchCall &call, TimePoint deadline,
              std::function<void(Result<BranchAnswer>)> done);
  CallId check(const ModelSignature &model, std::function<void(Status)> done);
  void cancel(CallId id);

private:
  using Tensors = std::vector<std::vector<std::byte>>;
  /// With memory for one run at a time.
  struct Branch {
    LocalBranch function;
    std::vector<AlignedBuffer> memory;
    std::vector<void *> inputs, outputs;
    std::vector<const void *> constInputs;
  };
  /// What the computing thread has of a call.
  struct Job {
    Branch *branch = nullptr;
    /// Not its `model`, which may be gone by then.
    BranchCall call;
    /// For each input its elements, if they are read as they are.
    std::vector<SharedTensor::Bytes> elements;
    TimePoint deadline;
    std::atomic<bool> isDropped{false};
  };
  struct Call {
    std::shared_ptr<Job> job;
    EventLoop::TimerId timer;
    std::function<void(Result<BranchAnswer>)> done;
  };
  /// A value between two calls of a request.
  struct Kept {
    std::vector<std::byte> bytes;
    TimePoint deadline;
  };
  using KeptKey = std::pair<std::string, std::string>;
  using KeptValues = std::map<KeptKey, Kept>;

  LocalDevice(EventLoop &loop, Trace *trace) : loop(loop), trace(trace) {}
  Status add(LocalBranch branch);
  /// Whether an input comes as an image: then nobody needs its elements.
  static bool decodes(const Branch &branch, const BranchCall::Input &input,
                      size_t index);
  void finish(CallId id, Result<Tensors> outputs);

  Result<Tensors> compute(Job &job);
  Status readInput(const Job &job, size_t index);
  void keep(const KeptKey &key, Kept value);
  KeptValues::iterator forget(KeptValues::iterator value);

  EventLoop &loop;
  Trace *trace;
  /// By name.
  std::map<std::string, Branch> branches;
  CallId next = 1;
  std::unordered_map<CallId, Call> calls;
  std::unordered_map<CallId, std::function<void(Status)>> checks;
  /// The computing thread's.
  KeptValues kept;
  uint64_t keptBytes = 0, mostKeptBytes = 0;
  /// Its callbacks compute; nothing else is on it. Ends before the rest.
  std::unique_ptr<EventLoop> thread;
};

/// Workers behind a transport, and the local device as one more behind them.
class LocalTransport final : public Transport {
public:
  /// Both outlive this; the transport has `workers` workers.
  LocalTransport(EventLoop &loop, Transport &others, size_t workers,
                 LocalDevice &device)
      : loop(loop), others(others), local(workers), device(device) {}

  void start(ConnectionListener &listener) override;
  CallId call(size_t worker, const BranchCall &call, TimePoint deadline,
              std::function<void(Result<BranchAnswer>)> done) override;
  /// There is nothing of this machine that a worker could reach: the
  /// coordinator of a cluster with it relays, and does not ask.
  bool canPush(size_t, size_t) const override { return false; }
  CallId check(size_t worker, const ModelSignature &model, TimePoint deadline,
               std::function<void(Status)> done) override;
  void cancel(CallId call) override;
  TimePoint now() const override { return others.now(); }
  TimerId startTimer(TimePoint when, std::function<void()> function) override {
    return others.startTimer(when, std::move(function));
  }
  void cancelTimer(TimerId timer) override { others.cancelTimer(timer); }

private:
  EventLoop &loop;
  Transport &others;
  size_t local;
  LocalDevice &device;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_LOCALDEVICE_H
