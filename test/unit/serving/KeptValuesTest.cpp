//===- KeptValuesTest.cpp - Values between two requests -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"

#include "runtime/serving/KeptValues.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

static const TensorSpec four{"t", ElementType::I8, {4}};

static Deadline inFuture(int milliseconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::milliseconds(milliseconds);
}

TEST(KeptValues, ReadsWhatItKept) {
  KeptValues kept;
  ASSERT_TRUE(kept.keep("r", "a", four, "abcd", inFuture(10000)).ok());
  ASSERT_TRUE(kept.keep("r", "a", four, "efgh", inFuture(10000)).ok());
  EXPECT_EQ(kept.size(), KeptValues::overhead + 2 * 2 + 4);
  char out[4] = {};
  EXPECT_FALSE(kept.read("q", "a", four, true, out).ok()) << "other request";
  EXPECT_FALSE(kept.read("r", "b", four, true, out).ok()) << "other key";
  EXPECT_TRUE(kept.read("r", "a", four, false, out).ok());
  EXPECT_EQ(std::string(out, 4), "efgh");
  EXPECT_EQ(
      kept.read("r", "a", {"t", ElementType::I8, {2, 2}}, true, out).code(),
      StatusCode::InvalidArgument);
  EXPECT_TRUE(kept.read("r", "a", four, true, out).ok());
  EXPECT_EQ(kept.size(), 0u);
  EXPECT_EQ(kept.read("r", "a", four, true, out).code(), StatusCode::NotFound);
}

TEST(KeptValues, ForgetsAfterTheDeadline) {
  KeptValues kept;
  ASSERT_TRUE(kept.keep("r", "a", four, "abcd", inFuture(-1)).ok());
  char out[4];
  EXPECT_EQ(kept.read("r", "a", four, true, out).code(), StatusCode::NotFound);
  EXPECT_EQ(kept.size(), 0u);
}

TEST(KeptValues, HasACapacity) {
  KeptValues kept(2 * (KeptValues::overhead + 2 * 2 + 4) + 2);
  EXPECT_TRUE(kept.keep("r", "a", four, "abcd", noDeadline).ok());
  EXPECT_TRUE(kept.keep("r", "b", four, "abcd", inFuture(-1)).ok());
  EXPECT_TRUE(kept.keep("r", "c", four, "abcd", noDeadline).ok())
      << "b makes room";
  EXPECT_EQ(kept.keep("r", "d", four, "abcd", noDeadline).code(),
            StatusCode::ResourceExhausted);
  EXPECT_TRUE(kept.keep("r", "a", four, "abcd", noDeadline).ok())
      << "replaces itself";
}

TEST(KeptValues, ChargesForNames) {
  KeptValues kept(16 * KeptValues::overhead);
  const TensorSpec one{"t", ElementType::I8, {1}};
  int count = 0;
  while (count < 100 &&
         kept.keep("r", std::string(400, 'a') + std::to_string(count), one, "x",
                   noDeadline)
             .ok())
    ++count;
  EXPECT_EQ(count, 6);
  EXPECT_EQ(kept.keep("r", std::string(1024, 'a'), one, "x", noDeadline).code(),
            StatusCode::InvalidArgument);
}

TEST(KeptValues, ForgetsByDeadlineNotByName) {
  KeptValues kept;
  ASSERT_TRUE(kept.keep("r", "a", four, "abcd", inFuture(10000)).ok());
  ASSERT_TRUE(kept.keep("r", "b", four, "abcd", inFuture(-1)).ok());
  ASSERT_TRUE(kept.keep("r", "b", four, "efgh", inFuture(10000)).ok())
      << "its old deadline is gone";
  ASSERT_TRUE(kept.keep("q", "z", four, "abcd", inFuture(-1)).ok());
  char out[4];
  EXPECT_EQ(kept.read("q", "z", four, true, out).code(), StatusCode::NotFound);
  EXPECT_TRUE(kept.read("r", "b", four, true, out).ok());
  EXPECT_EQ(std::string(out, 4), "efgh");
  EXPECT_TRUE(kept.read("r", "a", four, true, out).ok());
  EXPECT_EQ(kept.size(), 0u);
}

TEST(KeptValues, RequestsThatMisuseThemAreRefused) {
  auto server = serve(makeDoubler());
  ASSERT_TRUE(server);
  auto stub = connectTo(server->address());
  auto refusal = [&](const inference::ModelInferRequest &request) {
    inference::ModelInferResponse response;
    return infer(*stub, request, response).error_message();
  };
  auto request = makeRequest({1, 2, 3, 4});
  auto &parameters = *request.mutable_inputs(0)->mutable_parameters();
  parameters["lcp_kept"].set_string_param("k");
  request.set_id("r");
  EXPECT_EQ(refusal(request), "input 'in' has both contents and lcp_kept");
  request.mutable_raw_input_contents(0)->clear();
  EXPECT_EQ(refusal(request),
            "input 'in' is not kept here (any more) for this request");
  request.clear_id();
  EXPECT_EQ(refusal(request), "lcp_kept needs a request with an id");
  request = makeRequest({1, 2, 3, 4});
  auto &output = *request.add_outputs();
  output.set_name("out");
  (*output.mutable_parameters())["lcp_keep"].set_string_param("k");
  EXPECT_EQ(refusal(request), "lcp_keep needs a request with an id");
}
