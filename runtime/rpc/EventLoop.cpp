//===- EventLoop.cpp - One thread for all sockets and timers --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/EventLoop.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

/// No thread's.
static const std::thread::id none;

/// What epoll hands back of a descriptor: its number and generation.
static uint64_t makeToken(int descriptor, uint32_t generation) {
  return uint64_t(generation) << 32 | uint32_t(descriptor);
}

Result<std::unique_ptr<EventLoop>> EventLoop::start(const char *name) {
  std::unique_ptr<EventLoop> loop(new EventLoop());
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wakeUp = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Edge-triggered, so that the counter need not be read.
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = makeToken(loop->wakeUp, 0);
  if (loop->epoll < 0 || loop->wakeUp < 0 ||
      epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wakeUp, &event) != 0)
    return Status(StatusCode::ResourceExhausted,
                  std::string("cannot watch descriptors: ") +
                      std::strerror(errno));
  // The thread inherits the mask: signals are for those who wait for them, and
  // a write to a closed connection is an error value.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Status started;
  try {
    loop->thread = std::thread([raw = loop.get()] { raw->run(); });
    pthread_setname_np(loop->thread.native_handle(), name);
  } catch (const std::system_error &error) {
    started = Status(StatusCode::ResourceExhausted,
                     std::string("cannot start a thread: ") + error.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  LCP_RETURN_IF_ERROR(std::move(started));
  return loop;
}

EventLoop::~EventLoop() {
  if (thread.joinable()) {
    {
      Lock lock(mutex);
      stopping = true;
    }
    post([] {});
    idle.notify_one();
    thread.join();
  }
  if (wakeUp >= 0)
    close(wakeUp);
  if (epoll >= 0)
    close(epoll);
}

bool EventLoop::isLoopThread() const {
  return std::this_thread::get_id() == leader;
}

/// Under the lock. Whether whoever runs the loop must be woken for it.
bool EventLoop::add(Callback callback) {
  posted.push_back(std::move(callback));
  // Whoever runs the loop next looks here before it waits.
  if (wakeUpSent || leader == none)
    return false;
  wakeUpSent = true;
  return !isLoopThread();
}

void EventLoop::wakeLeader() {
  uint64_t one = 1;
  (void)!write(wakeUp, &one, sizeof one);
}

void EventLoop::post(Callback callback) {
  Lock lock(mutex);
  const bool isAsleep = add(std::move(callback));
  lock.unlock();
  if (isAsleep)
    wakeLeader();
}

void EventLoop::runAndWait(const Callback &callback) {
  if (isLoopThread())
    return callback();
  std::mutex doneMutex;
  std::condition_variable condition;
  bool done = false;
  post([&] {
    callback();
    std::lock_guard<std::mutex> lock(doneMutex);
    done = true;
    condition.notify_one();
  });
  std::unique_lock<std::mutex> lock(doneMutex);
  condition.wait(lock, [&] { return done; });
}

EventLoop::TimerId EventLoop::runAt(Deadline when, Callback callback) {
  TimerId id(when, ++timersMade);
  timers.emplace(id, std::move(callback));
  return id;
}

void EventLoop::cancelTimer(TimerId timer) { timers.erase(timer); }

Status EventLoop::watch(int descriptor, uint32_t events, Watcher &watcher) {
  Watched &entry = watched[descriptor];
  entry = {&watcher, ++generations};
  epoll_event event = {};
  event.events = events;
  event.data.u64 = makeToken(descriptor, entry.generation);
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0)
    return Status();
  int error = errno;
  watched.erase(descriptor);
  return Status(StatusCode::ResourceExhausted,
                std::string("cannot watch a connection: ") +
                    std::strerror(error));
}

void EventLoop::changeEvents(int descriptor, uint32_t events) {
  auto found = watched.find(descriptor);
  if (found == watched.end())
    return;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = makeToken(descriptor, found->second.generation);
  epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::unwatch(int descriptor) {
  if (watched.erase(descriptor))
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

//===----------------------------------------------------------------------===//
// Who runs the loop
//===----------------------------------------------------------------------===//

void EventLoop::runUntil(Callback callback, const std::function<bool()> &over) {
  Lock lock(mutex);
  Waiter self{over, false, {}};
  // Before the callback can run: what it waits for may be over with that.
  waiters.push_back(&self);
  if (add(std::move(callback))) {
    lock.unlock();
    wakeLeader();
    lock.lock();
  }
  self.wake.wait(lock, [&] { return self.isOver || leader == none; });
  if (!self.isOver)
    lead(lock, [&] { return self.isOver; });
}

/// Runs the loop on this thread until `over` holds, which is asked under the
/// lock; then whoever else waits does. The lock is held before and after.
template <typename Over> void EventLoop::lead(Lock &lock, const Over &over) {
  leader = std::this_thread::get_id();
  ++terms;
  while (true) {
    lock.unlock();
    runPosted();
    runLastCallbacks();
    lock.lock();
    tellWaiters();
    if (stopping || over())
      break;
    lock.unlock();
    waitForEvents();
    lock.lock();
  }
  leader = none;
  restsUntil = Deadline::clock::now() + rest;
  if (!waiters.empty())
    waiters.front()->wake.notify_one();
  else if (ownThreadSleeps)
    idle.notify_one();
}

void EventLoop::tellWaiters() {
  for (auto place = waiters.begin(); place != waiters.end();) {
    Waiter &waiter = **place;
    if (!waiter.over()) {
      ++place;
      continue;
    }
    place = waiters.erase(place);
    ++told;
    waiter.isOver = true;
    waiter.wake.notify_one();
  }
}

/// The own thread leads until somebody was told: who waited is likely to be
/// back soon, and then finds the loop free.
void EventLoop::run() {
  Lock lock(mutex);
  while (!stopping) {
    const bool isTaken = leader != none || !waiters.empty();
    if (isTaken || Deadline::clock::now() < restsUntil)
      standBy(lock);
    else
      lead(lock, [this, before = told] { return told != before; });
  }
}

/// Waits for the loop to be free for some time. That is seen by looking, so
/// that a thread which leaves the loop for a moment need not wake this one;
/// only one that has it for long must.
void EventLoop::standBy(Lock &lock) {
  const uint64_t before = terms;
  const bool isTaken = leader != none || !waiters.empty();
  idle.wait_until(lock, isTaken ? Deadline::clock::now() + rest : restsUntil);
  if (leader == none || terms != before)
    return;
  ownThreadSleeps = true;
  idle.wait(lock, [this] { return stopping || leader == none; });
  ownThreadSleeps = false;
}

void EventLoop::waitForEvents() {
  constexpr int atATime = 64;
  epoll_event events[atATime];
  int count = epoll_wait(epoll, events, atATime, millisecondsToWait());
  for (int i = 0; i < count && !stopping; ++i) {
    auto found = watched.find(int(uint32_t(events[i].data.u64)));
    if (found != watched.end() &&
        found->second.generation == events[i].data.u64 >> 32)
      found->second.watcher->ready(events[i].events);
  }
  // Timers right after the descriptors: after a delay of this thread what has
  // arrived in time counts as that.
  runTimers();
}

int EventLoop::millisecondsToWait() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!posted.empty())
      return 0;
  }
  if (!last.empty())
    return 0;
  if (timers.empty() || timers.begin()->first.first == noDeadline)
    return -1;
  auto left = timers.begin()->first.first - Deadline::clock::now();
  if (left <= left.zero())
    return 0;
  auto milliseconds =
      std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return int(std::min<decltype(milliseconds)>(milliseconds, INT_MAX));
}

void EventLoop::runTimers() {
  if (timers.empty())
    return;
  // Those that callbacks add for now wait for the next turn.
  const TimerId now(Deadline::clock::now(), timersMade);
  while (!timers.empty() && timers.begin()->first <= now) {
    auto timer = timers.extract(timers.begin());
    timer.mapped()();
  }
}

void EventLoop::runPosted() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    running.swap(posted);
    wakeUpSent = false;
  }
  for (Callback &callback : running)
    callback();
  running.clear();
}

void EventLoop::runLastCallbacks() {
  std::vector<Callback> callbacks;
  callbacks.swap(last);
  for (Callback &callback : callbacks)
    callback();
}
