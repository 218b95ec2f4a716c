//===- ThreadPool.h - Fork and join -----------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_THREADPOOL_H
#define LCP_RUNTIME_PLATFORM_THREADPOOL_H

#include "common/base/Status.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace lcp::rt {

/// A fixed team of threads that all run the same function. The caller is one
/// of them, so a pool of one thread starts none and costs a plain call.
class ThreadPool {
public:
  using Task = void (*)(void *context, unsigned thread, unsigned threads);

  /// What the stack of every thread that a pool starts has at least, whatever
  /// the process was started with. The caller's own is the caller's.
  static constexpr size_t kStackBytes = 1 << 20;

  /// A team of `threads` (1 or more), the caller included.
  static Result<std::unique_ptr<ThreadPool>> create(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  unsigned threads() const { return count; }

  /// Calls task(context, i, threads()) once for every i in [0, threads()),
  /// side by side, and returns when all have returned. Allocates nothing. Only
  /// one thread at a time may call it, and no task may call it on its own pool.
  void run(Task task, void *context);

  /// The same with anything callable as f(thread, threads).
  template <typename F> void run(F &&f) {
    using Fn = std::remove_reference_t<F>;
    run(
        [](void *context, unsigned thread, unsigned threads) {
          (*static_cast<Fn *>(context))(thread, threads);
        },
        const_cast<void *>(static_cast<const void *>(&f)));
  }

  /// Within a task: returns when all threads of the team have called it.
  void meet();

private:
  struct Worker {
    ThreadPool *pool;
    unsigned index;
    pthread_t handle;
  };

  explicit ThreadPool(unsigned threads);
  void work(unsigned thread);

  const unsigned count;
  /// More threads than CPUs. Asked for once: the answer is read from a file.
  const bool crowded;
  std::vector<Worker> workers;
  std::mutex mutex;
  std::condition_variable wake;
  Task task = nullptr;
  void *context = nullptr;
  /// Counts the calls of run; a worker that sees a new number has work to do.
  std::atomic<uint64_t> generation{0};
  std::atomic<unsigned> busy{0};
  /// How many have called meet() since the last time all had, and how often
  /// that was. On a line of the cache without the fields that sleepers watch.
  alignas(64) std::atomic<unsigned> arrived{0};
  std::atomic<uint64_t> meetings{0};
  std::atomic<bool> stopping{false};
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_THREADPOOL_H
