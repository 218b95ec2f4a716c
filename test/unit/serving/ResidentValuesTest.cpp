//===- ResidentValuesTest.cpp - Values between two requests ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"

#include "runtime/serving/ResidentValues.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

static const TensorSpec four{"t", ElementType::I8, {4}};

/// Without TLS each connection is a peer of its own.
static const PeerIdentity peer{"", "127.0.0.1:1", 1};
static const PeerIdentity other{"", "127.0.0.1:2", 2};

static Deadline inFuture(int milliseconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::milliseconds(milliseconds);
}

TEST(ResidentValues, ReadsWhatItKept) {
  ResidentValues kept;
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "abcd", inFuture(10000)).ok());
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "efgh", inFuture(10000)).ok());
  EXPECT_EQ(kept.size(), ResidentValues::overhead + 2 * 4 + 4);
  char out[4] = {};
  EXPECT_FALSE(kept.read(peer, "q", "a", four, true, out).ok())
      << "other request";
  EXPECT_FALSE(kept.read(peer, "r", "b", four, true, out).ok()) << "other key";
  EXPECT_TRUE(kept.read(peer, "r", "a", four, false, out).ok());
  EXPECT_EQ(std::string(out, 4), "efgh");
  EXPECT_EQ(kept.read(peer, "r", "a", {"t", ElementType::I8, {2, 2}}, true, out)
                .code(),
            StatusCode::InvalidArgument);
  EXPECT_TRUE(kept.read(peer, "r", "a", four, true, out).ok());
  EXPECT_EQ(kept.size(), 0u);
  EXPECT_EQ(kept.read(peer, "r", "a", four, true, out).code(),
            StatusCode::NotFound);
}

TEST(ResidentValues, ForgetsAfterTheDeadline) {
  ResidentValues kept;
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "abcd", inFuture(-1)).ok());
  char out[4];
  EXPECT_EQ(kept.read(peer, "r", "a", four, true, out).code(),
            StatusCode::NotFound);
  EXPECT_EQ(kept.size(), 0u);
}

TEST(ResidentValues, HasACapacity) {
  // A peer gets half.
  ResidentValues kept(4 * (ResidentValues::overhead + 2 * 4 + 4) + 2);
  EXPECT_TRUE(kept.keep(peer, "r", "a", four, "abcd", noDeadline).ok());
  EXPECT_TRUE(kept.keep(peer, "r", "b", four, "abcd", inFuture(-1)).ok());
  EXPECT_TRUE(kept.keep(peer, "r", "c", four, "abcd", noDeadline).ok())
      << "b makes room";
  EXPECT_EQ(kept.keep(peer, "r", "d", four, "abcd", noDeadline).code(),
            StatusCode::ResourceExhausted);
  EXPECT_TRUE(kept.keep(peer, "r", "a", four, "abcd", noDeadline).ok())
      << "replaces itself";
}

TEST(ResidentValues, ChargesForNames) {
  ResidentValues kept(2 * 16 * ResidentValues::overhead);
  const TensorSpec one{"t", ElementType::I8, {1}};
  int count = 0;
  while (count < 100 &&
         kept.keep(peer, "r", std::string(400, 'a') + std::to_string(count),
                   one, "x", noDeadline)
             .ok())
    ++count;
  EXPECT_EQ(count, 6);
  EXPECT_EQ(
      kept.keep(peer, "r", std::string(1024, 'a'), one, "x", noDeadline).code(),
      StatusCode::InvalidArgument);
}

TEST(ResidentValues, ForgetsByDeadlineNotByName) {
  ResidentValues kept;
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "abcd", inFuture(10000)).ok());
  ASSERT_TRUE(kept.keep(peer, "r", "b", four, "abcd", inFuture(-1)).ok());
  ASSERT_TRUE(kept.keep(peer, "r", "b", four, "efgh", inFuture(10000)).ok())
      << "its old deadline is gone";
  ASSERT_TRUE(kept.keep(peer, "q", "z", four, "abcd", inFuture(-1)).ok());
  char out[4];
  EXPECT_EQ(kept.read(peer, "q", "z", four, true, out).code(),
            StatusCode::NotFound);
  EXPECT_TRUE(kept.read(peer, "r", "b", four, true, out).ok());
  EXPECT_EQ(std::string(out, 4), "efgh");
  EXPECT_TRUE(kept.read(peer, "r", "a", four, true, out).ok());
  EXPECT_EQ(kept.size(), 0u);
}

TEST(ResidentValues, AreTheirPeersOwn) {
  ResidentValues kept;
  const PeerIdentity named{"coordinator", "127.0.0.1:3", 3};
  const PeerIdentity again{"coordinator", "127.0.0.1:4", 4};
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "abcd", noDeadline).ok());
  ASSERT_TRUE(kept.keep(named, "r", "a", four, "efgh", noDeadline).ok());
  char out[4];
  EXPECT_EQ(kept.read(other, "r", "a", four, false, out).code(),
            StatusCode::NotFound);
  ASSERT_TRUE(kept.read(peer, "r", "a", four, false, out).ok());
  EXPECT_EQ(std::string(out, 4), "abcd");
  ASSERT_TRUE(kept.read(again, "r", "a", four, false, out).ok())
      << "a certificate is one peer over all its connections";
  EXPECT_EQ(std::string(out, 4), "efgh");
}

TEST(ResidentValues, NobodyTakesTheRoomOfAll) {
  const size_t one = ResidentValues::overhead + 2 * 4 + 4;
  ResidentValues kept(4 * one);
  auto keep = [&](const PeerIdentity &who, const char *key) {
    return kept.keep(who, "r", key, four, "abcd", noDeadline).code();
  };
  EXPECT_EQ(keep(peer, "a"), StatusCode::Ok);
  EXPECT_EQ(keep(peer, "b"), StatusCode::Ok);
  EXPECT_EQ(keep(peer, "c"), StatusCode::ResourceExhausted);
  EXPECT_EQ(keep(other, "a"), StatusCode::Ok);
  EXPECT_EQ(keep(other, "b"), StatusCode::Ok);
  // All is taken now; who has most gives way.
  const PeerIdentity third{"", "127.0.0.1:5", 5};
  EXPECT_EQ(keep(third, "a"), StatusCode::Ok);
  EXPECT_EQ(kept.size(), 4 * one);
  EXPECT_EQ(keep(third, "b"), StatusCode::ResourceExhausted)
      << "nobody has more than it would have";
  EXPECT_EQ(keep({"", "127.0.0.1:6", 6}, "a"), StatusCode::Ok);
}

TEST(ResidentValues, AreForgottenWithTheirConnection) {
  ResidentValues kept;
  ASSERT_TRUE(kept.keep(peer, "r", "a", four, "abcd", noDeadline).ok());
  ASSERT_TRUE(kept.keep(peer, "q", "b", four, "abcd", noDeadline).ok());
  ASSERT_TRUE(kept.keep(other, "r", "a", four, "abcd", noDeadline).ok());
  kept.release(peer, "q", "b");
  kept.release(peer, "q", "none");
  EXPECT_EQ(kept.size(), 2 * (ResidentValues::overhead + 2 * 4 + 4));
  kept.releaseConnection(peer.connection);
  EXPECT_EQ(kept.size(), ResidentValues::overhead + 2 * 4 + 4);
  char out[4];
  EXPECT_TRUE(kept.read(other, "r", "a", four, true, out).ok());
  EXPECT_EQ(kept.size(), 0u);
}

TEST(ResidentValues, RequestsThatMisuseThemAreRefused) {
  auto server = serve(makeDoubler());
  ASSERT_TRUE(server);
  auto stub = connectTo(server->address());
  auto request = makeRequest({1, 2, 3, 4});
  auto &parameters = *request.mutable_inputs(0)->mutable_parameters();
  parameters["lcp_kept"].set_string_param("k");
  request.set_id("r");
  EXPECT_EQ(refusal(*stub, request),
            "input 'in' has both contents and lcp_kept");
  request.mutable_raw_input_contents(0)->clear();
  EXPECT_EQ(refusal(*stub, request),
            "input 'in' is not kept here (any more) for this request");
  request.clear_id();
  EXPECT_EQ(refusal(*stub, request), "lcp_kept needs a request with an id");
  request = makeRequest({1, 2, 3, 4});
  auto &output = *request.add_outputs();
  output.set_name("out");
  (*output.mutable_parameters())["lcp_keep"].set_string_param("k");
  EXPECT_EQ(refusal(*stub, request), "lcp_keep needs a request with an id");
}
