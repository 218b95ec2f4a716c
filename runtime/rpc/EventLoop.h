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
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace lcp::rt {

/// Waits for descriptors, timers and what others post, and calls back, on one
/// thread at a time: "the loop's thread" is whichever runs the loop now, its
/// own or one in runUntil. Callbacks must not block and must not throw.
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

  /// How long the loop may be left alone after runUntil. Too short to matter to
  /// timers and peers, and long enough for the next stage of an inference.
  static constexpr std::chrono::milliseconds rest{2};

  /// Waits for the callback that runs. What is posted and not yet run is
  /// dropped. Not from the loop's thread, and with nobody in runUntil.
  ~EventLoop();

  /// Runs `callback` on the loop's thread, after those posted before. From any
  /// thread. Where one has just left runUntil, it may take `rest` to begin.
  void post(Callback callback);
  /// The same, and waits until it has run; on the loop's thread runs it at
  /// once.
  void runAndWait(const Callback &callback);
  /// Posts `callback` and returns once `over` holds, which is asked on the
  /// loop's thread and must not use the loop. Meanwhile this thread runs the
  /// loop whenever no other does: what it waits for need not wake it. From any
  /// thread but the loop's.
  void runUntil(Callback callback, const std::function<bool()> &over);
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
  using Lock = std::unique_lock<std::mutex>;
  /// A thread in runUntil.
  struct Waiter {
    const std::function<bool()> &over;
    bool isOver = false;
    std::condition_variable wake;
  };

  bool add(Callback callback);
  void wakeLeader();
  void run();
  void standBy(Lock &lock);
  template <typename Over> void lead(Lock &lock, const Over &over);
  void tellWaiters();
  void waitForEvents();
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
  /// Who runs the loop; the default if nobody does. Changes under the mutex.
  std::atomic<std::thread::id> leader{std::thread::id()};

  std::mutex mutex;
  // Under the mutex, up to `idle`.
  std::vector<Callback> posted;
  bool wakeUpSent = false;
  /// Those that are not told yet that what they wait for is over.
  std::list<Waiter *> waiters;
  /// Waiters that were told, and turns of leading that began.
  uint64_t told = 0, terms = 0;
  /// Until then the own thread leaves the loop to those who come back.
  Deadline restsUntil;
  bool ownThreadSleeps = false;
  /// Of the own thread, while another one leads.
  std::condition_variable idle;

  std::vector<Callback> running;
  std::vector<Callback> last;
  std::map<TimerId, Callback> timers;
  uint64_t timersMade = 0;
  std::unordered_map<int, Watched> watched;
  uint32_t generations = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_EVENTLOOP_H
