//===- ComputeQueue.cpp - Few things at a time, in order ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ComputeQueue.h"

#include <algorithm>
#include <system_error>

using namespace lcp;
using namespace lcp::rt;

Result<std::unique_ptr<ComputeQueue>> ComputeQueue::start(size_t threads,
                                                          size_t capacity) {
  std::unique_ptr<ComputeQueue> queue(new ComputeQueue(capacity));
  try {
    for (size_t i = 0; i < threads; ++i)
      queue->threads.emplace_back([queue = queue.get()] { queue->work(); });
  } catch (const std::system_error &error) {
    return Status(StatusCode::ResourceExhausted,
                  std::string("cannot start a thread: ") + error.what());
  }
  return queue;
}

ComputeQueue::~ComputeQueue() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  wake.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

ComputeQueue::JobId ComputeQueue::add(Job job) {
  JobId id = 0;
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (waiting.size() + running >= capacity)
      return 0;
    id = ++lastId;
    waiting.emplace_back(id, std::move(job));
  }
  wake.notify_one();
  return id;
}

bool ComputeQueue::remove(JobId id) {
  // Destroyed after the lock is released: a job may hold anything.
  std::list<std::pair<JobId, Job>> removed;
  std::lock_guard<std::mutex> lock(mutex);
  auto found = std::find_if(waiting.begin(), waiting.end(),
                            [&](const auto &job) { return job.first == id; });
  if (found == waiting.end())
    return false;
  removed.splice(removed.begin(), waiting, found);
  return true;
}

size_t ComputeQueue::size() const {
  std::lock_guard<std::mutex> lock(mutex);
  return waiting.size() + running;
}

void ComputeQueue::work() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    wake.wait(lock, [&] { return stopping || !waiting.empty(); });
    if (stopping)
      return;
    Job job = std::move(waiting.front().second);
    waiting.pop_front();
    ++running;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --running;
  }
}
