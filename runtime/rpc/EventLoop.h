//===- EventLoop.h - One thread for all sockets and timers ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_EVENTLOOP_H
#define LCP_RUNTIME_RPC_EVENTLOOP_H

#include "common/base/Status.h"
#include "runtime/platform/Time.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace lcp::rt {

/// A thread that waits for descriptors, timers and what others post, and calls
/// back. Callbacks must not block and must not throw.
class EventLoop {
public:
  /// Who is told when a descriptor is ready.
  class Watcher {
  public:
    virtual ~Watcher() = default;
    /// `events` are epoll's.
    virtual void ready(uint32_t events) = 0;
  };
  using Callback = std::function<void()>;
  /// Names a timer; the default names none.
  using TimerId = std::pair<Deadline, uint64_t>;

  /// `name` is the thread's, of 15 characters at most. Signals go to other
  /// threads. Fails with ResourceExhausted.
  static Result<std::unique_ptr<EventLoop>> start(const char *name);

  /// Waits for the callback that runs. What is posted and not yet run is
  /// dropped. Not from the loop's thread.
  ~EventLoop();

  /// Runs `callback` on the loop's thread, after those posted before. From any
  /// thread.
  void post(Callback callback);
  /// The same, and waits until it has run; on the loop's thread runs it at
  /// once.
  void runAndWait(const Callback &callback);
  bool isLoopThread() const;

  //===--------------------------------------------------------------------===//
  // On the loop's thread only
  //===--------------------------------------------------------------------===//

  /// Runs `callback` at `when` or up to a millisecond later.
  TimerId runAt(Deadline when, Callback callback);
  /// Does nothing if the timer has run already.
  void cancelTimer(TimerId timer);
  /// Runs `callback` once everything that is ready now was dealt with: where
  /// several answers that go one way are put together.
  void runLast(Callback callback) { last.push_back(std::move(callback)); }

  /// Tells `watcher` of `events` until unwatch. Level-triggered.
  Status watch(int descriptor, uint32_t events, Watcher &watcher);
  void changeEvents(int descriptor, uint32_t events);
  /// `watcher` is not called again, even for what is ready already.
  void unwatch(int descriptor);

private:
  EventLoop() = default;
  void run();
  int millisecondsToWait();
  void runTimers();
  void runPosted();
  void runLastCallbacks();

  struct Watched {
    Watcher *watcher;
    /// Tells a descriptor from an earlier one of the same number.
    uint32_t generation;
  };

  int epoll = -1;
  int wakeUp = -1;
  std::thread thread;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  /// Under the mutex, as is `wakeUpSent`.
  std::vector<Callback> posted;
  bool wakeUpSent = false;
  std::vector<Callback> running;
  std::vector<Callback> last;
  std::map<TimerId, Callback> timers;
  uint64_t timersMade = 0;
  std::unordered_map<int, Watched> watched;
  uint32_t generations = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_EVENTLOOP_H
