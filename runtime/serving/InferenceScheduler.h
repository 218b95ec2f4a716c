//===- InferenceScheduler.h - The life of an inference ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_INFERENCESCHEDULER_H
#define LCP_RUNTIME_SERVING_INFERENCESCHEDULER_H

#include "runtime/serving/ComputeQueue.h"
#include "runtime/serving/Metrics.h"
#include "runtime/serving/ShardExchange.h"
#include "runtime/serving/ShardSender.h"

namespace lcp::rt {

/// Takes a request through its stations: it waits for the shards that it
/// awaits, then for its turn on a thread that computes, unless it is so short
/// that it is computed at once; then its own shards are delivered, and it is
/// answered. One that nobody waits for any more leaves wherever it is. On the
/// loop's thread, where nothing else is said.
class InferenceScheduler {
public:
  /// Computes on `threads` threads. `tls` is for shards to other workers, see
  /// ShardSender.
  static Result<std::unique_ptr<InferenceScheduler>>
  start(EventLoop &loop, size_t threads, std::shared_ptr<const TlsContext> tls);

  /// Not on the loop's thread. The calls that are left are dropped.
  ~InferenceScheduler();

  /// Answers the call with what the model, which outlives this, makes of the
  /// request, which was matched with it.
  void schedule(std::shared_ptr<ServerCall> call, ServedModel &model,
                ModelMetrics &metrics, InferRequest request);

  /// A shard from another worker.
  void push(std::shared_ptr<ServerCall> call) {
    exchange->push(std::move(call));
  }

  /// Of connections to other workers from here on. Not on the loop's thread.
  void setTls(std::shared_ptr<const TlsContext> tls) {
    loop.runAndWait([&] { sender->setTls(std::move(tls)); });
  }

  /// What models keep between requests. From any thread.
  ResidentValues &residents() { return values; }

  /// Requests that compute or wait for their turn. From any thread.
  size_t queued() const { return queue->size(); }

private:
  struct Inference;
  using Pointer = std::shared_ptr<Inference>;

  explicit InferenceScheduler(EventLoop &loop) : loop(loop) {}
  bool mayRunHere(const Inference &inference) const;
  void enqueue(const Pointer &inference);
  void abandon(Inference &inference);
  /// On a computing thread or, if mayRunHere, the loop's.
  void compute(const Pointer &inference);
  void deliver(const Pointer &inference, InferAnswer answer);
  static Bytes trace(const Inference &inference);
  static void finish(Inference &inference, Status status, Message reply);

  EventLoop &loop;
  ResidentValues values;
  std::unique_ptr<ShardExchange> exchange;
  std::unique_ptr<ShardSender> sender;
  std::unique_ptr<ComputeQueue> queue;
  /// An inference was computed on the loop's thread in this turn.
  const std::shared_ptr<bool> hasRunHere = std::make_shared<bool>(false);
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_INFERENCESCHEDULER_H
