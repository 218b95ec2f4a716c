//===- ComputeQueue.h - Few things at a time, in order ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_COMPUTEQUEUE_H
#define LCP_RUNTIME_SERVING_COMPUTEQUEUE_H

#include "common/base/Status.h"

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace lcp::rt {

/// Threads that run jobs in the order in which they come. Where this machine
/// computes there is one of them: it has one team of threads and one scratch
/// memory, and two inferences at once only make both late. Safe to use from
/// several threads.
class ComputeQueue {
public:
  using Job = std::function<void()>;
  /// 0 is no job's.
  using JobId = uint64_t;

  /// At most `threads` jobs run at a time, and `capacity` run or wait.
  static Result<std::unique_ptr<ComputeQueue>> start(size_t threads,
                                                     size_t capacity);

  /// Waits for the jobs that run; those that wait are dropped.
  ~ComputeQueue();

  /// Takes the job, or gives 0 if there are too many.
  JobId add(Job job);

  /// Takes a job that still waits out of the queue, which has room for another
  /// one then; whether there was one.
  bool remove(JobId id);

  /// Jobs that run or wait.
  size_t size() const;

private:
  explicit ComputeQueue(size_t capacity) : capacity(capacity) {}
  void work();

  const size_t capacity;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::list<std::pair<JobId, Job>> waiting;
  JobId lastId = 0;
  size_t running = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_COMPUTEQUEUE_H
