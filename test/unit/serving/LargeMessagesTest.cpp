//===- LargeMessagesTest.cpp - Models that need much of a server ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCalls.h"

#include "runtime/rpc/Limits.h"

#include <algorithm>
#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

namespace {

/// Elements that take more than a server's memory for messages has by itself,
/// and what has room there alone, but not as often as a stream sends it.
constexpr int64_t many = 130 << 18, aThirdOfThem = 40 << 18;

ModelSignature spreading(int64_t in, int64_t out) {
  return {"spread",
          "v1",
          {{"in", ElementType::F32, {1, in}}},
          {{"out", ElementType::F32, {1, out}}}};
}

/// out[i] = the last of `in`.
std::unique_ptr<Servable> makeSpreader(int64_t in, int64_t out) {
  return std::make_unique<LambdaModel>(
      spreading(in, out),
      [=](Span<const void *const> from, Span<void *const> to, Deadline) {
        std::fill_n(static_cast<float *>(to[0]), out,
                    static_cast<const float *>(from[0])[in - 1]);
        return Status();
      });
}

/// Has as many runs at a time as a peer may have inferences under way, and ends
/// none before all of them have begun.
class Gathering final : public Servable {
public:
  explicit Gathering(int64_t in) : Servable(spreading(in, 4)) {}

  size_t concurrency() const override { return inferencesOfAPeer; }
  Status run(ServableRun &) override {
    std::unique_lock<std::mutex> lock(mutex);
    ++begun;
    changed.notify_all();
    return changed.wait_for(lock, 10s, [&] { return begun == concurrency(); })
               ? Status()
               : Status(StatusCode::DeadlineExceeded, "alone");
  }

private:
  std::mutex mutex;
  std::condition_variable changed;
  size_t begun = 0;
};

/// For a model of spreading(in, …): so many sevens.
ModelInferRequest sevens(int64_t in) {
  ModelInferRequest request;
  request.set_model_name("spread");
  auto &input = *request.add_inputs();
  input.set_name("in");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(in);
  const std::vector<float> elements(size_t(in), 7);
  request.add_raw_input_contents(elements.data(),
                                 elements.size() * sizeof(float));
  return request;
}

} // namespace

TEST(LargeMessages, AreAnsweredWhereAModelHasThem) {
  for (auto [in, out] : {std::pair(many, int64_t(4)), {4, many}}) {
    std::unique_ptr<Server> server = serve(makeSpreader(in, out));
    ASSERT_TRUE(server);
    ChannelOptions options;
    options.largestReply = uint64_t(out) * sizeof(float) + 1024;
    ModelInferResponse response;
    Status status = infer(*connectTo(server->address(), options), sevens(in),
                          response, test::in(60s));
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(rawFloats(response.raw_output_contents(0)),
              std::vector<float>(size_t(out), 7));
  }
}

TEST(LargeMessages, OfAStreamHaveRoomTogether) {
  std::unique_ptr<Server> server =
      serve(std::make_unique<Gathering>(aThirdOfThem));
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  const ModelInferRequest request = sevens(aThirdOfThem);
  std::vector<std::future<Result<Bytes>>> answers;
  for (size_t i = 0; i < inferencesOfAPeer; ++i)
    answers.push_back(start(*client, request, test::in(60s)));
  for (std::future<Result<Bytes>> &answer : answers) {
    const Status status = answer.get().status();
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

TEST(LargeMessages, LeaveLargeValuesForWhichThereIsRoomToo) {
  std::unique_ptr<Server> server = serve(makeSpreader(4, aThirdOfThem));
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferRequest request = sevens(4);
  auto &output = *request.add_outputs();
  output.set_name("out");
  (*output.mutable_parameters())["lcp_keep"].set_string_param("k");
  for (size_t i = 0; i < inferencesOfAPeer; ++i) {
    request.set_id("inference " + std::to_string(i));
    EXPECT_EQ(refusal(*client, request), "");
  }
}
