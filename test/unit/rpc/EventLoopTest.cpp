//===- EventLoopTest.cpp - Who runs the loop ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/EventLoop.h"

#include <future>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace std::chrono_literals;

static std::unique_ptr<EventLoop> startLoop() {
  return *EventLoop::start("test");
}

/// Asks for something that a timer decides a moment later; the thread on which
/// that was.
static std::thread::id askFor(EventLoop &loop, std::chrono::microseconds time) {
  std::thread::id decider;
  bool done = false;
  loop.runUntil(
      [&] {
        loop.runAt(Deadline::clock::now() + time, [&] {
          decider = std::this_thread::get_id();
          done = true;
        });
      },
      [&] { return done; });
  return decider;
}

// That nothing is woken for it is what makes a short stage short.
TEST(EventLoop, WhoComesBackRunsIt) {
  auto loop = startLoop();
  const std::thread::id self = std::this_thread::get_id();
  // A machine that does something else for longer than the rest in between
  // gives the loop back to its own thread.
  bool ran = false;
  for (int i = 0; i < 1000 && !ran; ++i)
    ran = askFor(*loop, 0us) == self;
  EXPECT_TRUE(ran);
}

TEST(EventLoop, ItsOwnThreadTakesOverAgain) {
  auto loop = startLoop();
  const std::thread::id self = std::this_thread::get_id();
  // Long enough for the own thread to have fallen asleep.
  for (std::chrono::microseconds time : {0us, 0us, 20000us}) {
    askFor(*loop, time);
    std::promise<std::thread::id> runner;
    loop->post([&] { runner.set_value(std::this_thread::get_id()); });
    std::future<std::thread::id> future = runner.get_future();
    ASSERT_EQ(future.wait_for(10s), std::future_status::ready);
    EXPECT_NE(future.get(), self);
  }
  std::promise<void> rang;
  loop->runAndWait([&] {
    loop->runAt(Deadline::clock::now() + 5ms, [&] { rang.set_value(); });
  });
  EXPECT_EQ(rang.get_future().wait_for(10s), std::future_status::ready);
}

TEST(EventLoop, RunsOnOneThreadAtATime) {
  auto loop = startLoop();
  std::atomic<int> inside{0};
  int total = 0; // Unprotected: the loop's threads follow one another.
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        bool done = false;
        auto finish = [&] {
          EXPECT_EQ(++inside, 1);
          EXPECT_TRUE(loop->isLoopThread());
          ++total;
          done = true;
          --inside;
        };
        loop->runUntil(
            [&] {
              loop->runAt(Deadline::clock::now() +
                              std::chrono::microseconds(500 * (i % (t + 2))),
                          finish);
            },
            [&] { return done; });
        EXPECT_TRUE(done);
        EXPECT_FALSE(loop->isLoopThread());
        if (i % 10 == 0)
          loop->runAndWait([&] { ++total; });
        if (i % 25 == 0)
          std::this_thread::sleep_for(EventLoop::rest);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  loop->runAndWait([&] { EXPECT_EQ(total, 4 * 110); });
}
