//===- ThreadPool.cpp - Fork and join -------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers follow each other within microseconds, and waking a thread through the
// kernel costs more than that: workers spin for a while before they sleep. When
// there are more threads than CPUs, spinning would only keep the CPU from the
// thread that is waited for, so then every round yields.
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/ThreadPool.h"

#include <cstring>
#include <thread>

namespace lcp::rt {
namespace {

/// About 50 microseconds.
constexpr unsigned spinRounds = 2000;

void pause(bool crowded) {
  if (crowded) {
    std::this_thread::yield();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

} // namespace

ThreadPool::ThreadPool(unsigned threads)
    : count(threads), crowded(threads > std::thread::hardware_concurrency()) {}

/// Returns an error number.
static int startThread(pthread_t &handle, void *(*body)(void *),
                       void *argument) {
  pthread_attr_t attributes;
  if (int error = pthread_attr_init(&attributes))
    return error;
  size_t stack = 0;
  int error = pthread_attr_getstacksize(&attributes, &stack);
  if (!error && stack < ThreadPool::kStackBytes)
    error = pthread_attr_setstacksize(&attributes, ThreadPool::kStackBytes);
  if (!error)
    error = pthread_create(&handle, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  return error;
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(unsigned threads) {
  if (threads == 0 || threads > 1024)
    return Status(StatusCode::InvalidArgument,
                  "the number of threads must be between 1 and 1024, not " +
                      std::to_string(threads));
  std::unique_ptr<ThreadPool> pool(new ThreadPool(threads));
  // A worker keeps a pointer to its entry, so the entries must not move.
  pool->workers.reserve(threads - 1);
  auto body = [](void *argument) -> void * {
    auto *worker = static_cast<Worker *>(argument);
    worker->pool->work(worker->index);
    return nullptr;
  };
  for (unsigned i = 1; i < threads; ++i) {
    Worker &worker = pool->workers.emplace_back(Worker{pool.get(), i, {}});
    if (int error = startThread(worker.handle, body, &worker)) {
      pool->workers.pop_back();
      return Status(StatusCode::ResourceExhausted,
                    "cannot start " + std::to_string(threads) +
                        " threads: " + std::strerror(error));
    }
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
    ++generation;
  }
  wake.notify_all();
  for (Worker &worker : workers)
    pthread_join(worker.handle, nullptr);
}

void ThreadPool::run(Task newTask, void *newContext) {
  if (count == 1) {
    newTask(newContext, 0, 1);
    return;
  }
  {
    // Under the mutex, so that no worker falls asleep between its last look at
    // the generation and its wait.
    std::lock_guard<std::mutex> lock(mutex);
    task = newTask;
    context = newContext;
    busy.store(count - 1, std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
  }
  wake.notify_all();
  newTask(newContext, 0, count);
  // Whoever is still missing after that may be waiting for this very CPU.
  for (unsigned i = 0; busy.load(std::memory_order_acquire) != 0; ++i)
    pause(crowded || i >= spinRounds);
}

void ThreadPool::meet() {
  const uint64_t meeting = meetings.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
    arrived.store(0, std::memory_order_relaxed);
    meetings.store(meeting + 1, std::memory_order_release);
    return;
  }
  for (unsigned i = 0; meetings.load(std::memory_order_acquire) == meeting; ++i)
    pause(crowded || i >= spinRounds);
}

void ThreadPool::work(unsigned thread) {
  uint64_t seen = 0;
  while (true) {
    for (unsigned i = 0; i < spinRounds; ++i) {
      if (generation.load(std::memory_order_acquire) != seen)
        break;
      pause(crowded);
    }
    if (generation.load(std::memory_order_acquire) == seen) {
      std::unique_lock<std::mutex> lock(mutex);
      wake.wait(lock, [&] { return generation.load() != seen; });
    }
    if (stopping)
      return;
    ++seen;
    task(context, thread, count);
    busy.fetch_sub(1, std::memory_order_release);
  }
}

} // namespace lcp::rt
