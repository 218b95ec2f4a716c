//===- LocalDeviceTest.cpp - The device that a coordinator is -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a cluster sees of it is in ClusterTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/LocalDevice.h"

#include <algorithm>
#include <future>
#include <gtest/gtest.h>
#include <thread>

using namespace lcp;
using namespace lcp::rt;
using namespace std::chrono_literals;

namespace {

/// Of the values between calls there is room for five of these.
constexpr int64_t elements = 4 << 20;

/// Branches `make`, from a number to `elements` times that, and `read`, back
/// again.
class LocalDeviceTest : public testing::Test {
protected:
  void SetUp() override {
    auto fill = [this](Span<const void *const> in, Span<void *const> out) {
      if (hook)
        hook();
      std::fill_n(static_cast<float *>(out[0]), elements,
                  *static_cast<const float *>(in[0]));
      return Status();
    };
    auto read = [](Span<const void *const> in, Span<void *const> out) {
      *static_cast<float *>(out[0]) = *static_cast<const float *>(in[0]);
      return Status();
    };
    device =
        *LocalDevice::start(*loop, {{make, fill}, {this->read, read}}, nullptr);
  }

  std::future<Status> start(const BranchCall &call, TimePoint deadline) {
    auto over = std::make_shared<std::promise<Status>>();
    loop->runAndWait([&] {
      device->call(call, deadline, [over](Result<BranchAnswer> answer) {
        over->set_value(std::move(answer).status());
      });
    });
    return over->get_future();
  }
  BranchCall making(const std::string &key) {
    BranchCall call;
    call.model = &make;
    call.request = "r";
    const float one = 1;
    call.inputs.push_back(
        {std::make_shared<SharedTensor>(
             ByteSpan(reinterpret_cast<const std::byte *>(&one), sizeof(one)),
             /*whenNeeded=*/false),
         {},
         ""});
    call.keepOutputsAs = {key};
    return call;
  }
  Status keep(const std::string &key, TimePoint deadline) {
    return start(making(key), deadline).get();
  }
  StatusCode readKept(const std::string &key) {
    BranchCall call;
    call.model = &read;
    call.request = "r";
    call.inputs.push_back({nullptr, {}, key});
    call.keepOutputsAs = {""};
    return start(call, Clock::now() + 10s).get().code();
  }

  ModelSignature make{"make",
                      "v1",
                      {{"in", ElementType::F32, {1}}},
                      {{"out", ElementType::F32, {elements}}}};
  ModelSignature read{"read",
                      "v1",
                      {{"in", ElementType::F32, {elements}}},
                      {{"out", ElementType::F32, {1}}}};
  std::function<void()> hook;
  std::unique_ptr<EventLoop> loop = *EventLoop::start("test");
  std::unique_ptr<LocalDevice> device;
};

} // namespace

TEST_F(LocalDeviceTest, ForgetsFirstWhatNobodyWaitsForAnyMore) {
  const TimePoint now = Clock::now();
  ASSERT_TRUE(keep("a", now + 60s).ok());
  ASSERT_TRUE(keep("b", now + 50s).ok());
  ASSERT_TRUE(keep("c", now + 60s).ok());
  ASSERT_TRUE(keep("d", now + 60s).ok());
  const TimePoint soon = Clock::now() + 1s;
  ASSERT_TRUE(keep("e", soon).ok());
  std::this_thread::sleep_until(soon + 1ms);
  ASSERT_TRUE(keep("f", now + 60s).ok());
  EXPECT_EQ(readKept("e"), StatusCode::NotFound);
  for (const char *key : {"a", "b", "c", "d", "f"})
    EXPECT_EQ(readKept(key), StatusCode::Ok) << key;
  ASSERT_TRUE(keep("g", now + 60s).ok());
  EXPECT_EQ(readKept("b"), StatusCode::NotFound);
  for (const char *key : {"a", "c", "d", "f", "g"})
    EXPECT_EQ(readKept(key), StatusCode::Ok) << key;
}

TEST_F(LocalDeviceTest, AnswersForABranchThatItDoesNotHave) {
  ModelSignature other = make;
  other.name = "other";
  BranchCall call = making("");
  call.model = &other;
  const Status status = start(call, Clock::now() + 10s).get();
  EXPECT_EQ(status.code(), StatusCode::NotFound);
  EXPECT_EQ(status.message(), "worker local: it does not serve other");
}

TEST_F(LocalDeviceTest, LeavesNoTimerBehind) {
  hook = [] { std::this_thread::sleep_for(300ms); };
  const std::future<Status> first = start(making(""), Clock::now() + 10s);
  const BranchCall call = making("");
  bool isAnswered = false;
  loop->runAndWait([&] {
    device->call(call, Clock::now() + 500ms,
                 [&](const Result<BranchAnswer> &) { isAnswered = true; });
  });
  // The branch of the first call runs or is to: this one is dropped.
  device = nullptr;
  std::this_thread::sleep_for(600ms);
  loop->runAndWait([&] { EXPECT_FALSE(isAnswered); });
}
