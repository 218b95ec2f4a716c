//===- ShardExchangeTest.cpp - Shards from worker to worker ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCalls.h"

#include "shard_exchange.pb.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

namespace {

/// A request whose input comes from another worker, and one whose output goes
/// to another worker.
ModelInferRequest awaiting(const std::string &id, const std::string &key) {
  ModelInferRequest request = makeRequest({});
  request.set_id(id);
  (*request.mutable_inputs(0)->mutable_parameters())["lcp_awaited"]
      .set_string_param(key);
  return request;
}

ModelInferRequest pushing(const std::string &id, const std::string &to) {
  ModelInferRequest request = makeRequest({1, 2, 3, 4});
  request.set_id(id);
  auto &output = *request.add_outputs();
  output.set_name("out");
  (*output.mutable_parameters())["lcp_push_to"].set_string_param(to);
  return request;
}

class Exchange : public testing::Test {
protected:
  Exchange() : reader(makeDoubler()), writer(serve(makeDoubler())) {
    toReader = connectTo(reader.server->address());
    toWriter = connectTo(writer->address());
  }

  LoggedServer reader;
  std::unique_ptr<Server> writer;
  std::unique_ptr<Client> toReader, toWriter;
};

} // namespace

TEST_F(Exchange, GoesFromWorkerToWorker) {
  const std::string target = "k@" + reader.server->address();
  auto waits = start(*toReader, awaiting("r", "k"));
  ModelInferResponse response;
  Status status = infer(*toWriter, pushing("r", target), response);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  EXPECT_EQ(response.raw_output_contents(0), "") << "it does not come back";
  EXPECT_EQ(floatsOf(waits.get()), (std::vector<float>{4, 8, 12, 16}));
  // The other way round: the shard is there first.
  auto pushed = start(*toWriter, pushing("s", target));
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(floatsOf(start(*toReader, awaiting("s", "k")).get()),
            (std::vector<float>{4, 8, 12, 16}));
  EXPECT_TRUE(pushed.get().ok());
}

TEST_F(Exchange, RefusesWhatNobodyAskedFor) {
  ModelInferResponse response;
  const std::string &address = reader.server->address();
  Status status = infer(*toWriter, pushing("r", "k@" + address), response);
  EXPECT_EQ(status.code(), StatusCode::NotFound);
  EXPECT_NE(status.message().find("a shard for worker " + address),
            std::string::npos)
      << status.message();
  EXPECT_TRUE(reader.logs(
      ": a call was refused: shard 'k': no inference here asks for it"));
}

TEST_F(Exchange, RefusesWhatDoesNotFit) {
  auto waits = start(*toReader, awaiting("r", "k"), in(500ms));
  lcp::PushRequest shard;
  lcp::PushResponse taken;
  shard.set_request_id("r");
  shard.set_key("k");
  shard.set_datatype("FP32");
  shard.add_shape(4);
  shard.set_contents(std::string(16, 'x'));
  auto push = [&] {
    return toWriter->call("/lcp.ShardExchange/Push", shard, taken).message();
  };
  toWriter = connectTo(reader.server->address());
  EXPECT_NE(push().find("the model's shape is 1x4, the message's 4"),
            std::string::npos);
  shard.clear_shape();
  shard.add_shape(1);
  shard.add_shape(4);
  shard.mutable_contents()->pop_back();
  EXPECT_EQ(push(),
            "shard 'k': tensor 'in': 15 bytes were pushed instead of 16");
  EXPECT_EQ(waits.get().status().code(), StatusCode::DeadlineExceeded)
      << "the right one may still have come";
  ModelInferResponse response;
  EXPECT_TRUE(infer(*toReader, makeRequest({1, 2, 3, 4}), response).ok());
}

TEST_F(Exchange, RefusesRequestsThatMisuseIt) {
  EXPECT_EQ(refusal(*toReader, awaiting("", "k")),
            "lcp_awaited needs a request with an id");
  auto both = awaiting("r", "k");
  (*both.mutable_inputs(0)->mutable_parameters())["lcp_kept"].set_string_param(
      "k");
  EXPECT_EQ(refusal(*toReader, both), "input 'in' is both kept and awaited");
  for (const char *to : {"k", "@127.0.0.1:1", "k@localhost:1", "k@127.0.0.1",
                         "k@127.0.0.1:1x", "k*@", "k*0@", "k*2x@", "*2@"})
    EXPECT_EQ(refusal(*toReader, pushing("r", to)),
              "lcp_push_to is not up to 64 of KEY@HOST:PORT with a numeric "
              "host")
        << to;
  EXPECT_NE(refusal(*toReader, pushing("r", "k@192.0.2.1:9000"))
                .find("needs --tls=DIR"),
            std::string::npos);
  EXPECT_EQ(refusal(*toReader, awaiting("r", "k l")),
            "input 'in' awaits 2 values, and the model merges it of 0");
}

TEST_F(Exchange, HasAsManyTakersAsItIsPushedFor) {
  const std::string address = reader.server->address();
  auto waits = start(*toReader, awaiting("r", "k"));
  auto pushed = start(*toWriter, pushing("r", "k*3@" + address));
  const std::vector<float> expected = {4, 8, 12, 16};
  EXPECT_EQ(floatsOf(waits.get()), expected);
  EXPECT_EQ(floatsOf(start(*toReader, awaiting("r", "k")).get()), expected);
  EXPECT_EQ(pushed.wait_for(0s), std::future_status::timeout);
  EXPECT_EQ(floatsOf(start(*toReader, awaiting("r", "k")).get()), expected);
  EXPECT_TRUE(pushed.get().ok());
  // A second shard under that key has nobody who asks for it.
  ModelInferResponse response;
  EXPECT_EQ(infer(*toWriter, pushing("r", "k@" + address), response).code(),
            StatusCode::NotFound);
}

TEST_F(Exchange, StaysOnTheWorkerThatComputesIt) {
  auto waits = start(*toWriter, awaiting("r", "k"));
  auto request = pushing("r", "k@");
  (*request.mutable_outputs(0)->mutable_parameters())["lcp_send_too"]
      .set_bool_param(true);
  EXPECT_EQ(floatsOf(start(*toWriter, request).get()),
            (std::vector<float>{2, 4, 6, 8}));
  EXPECT_EQ(floatsOf(waits.get()), (std::vector<float>{4, 8, 12, 16}));
}

namespace {

/// out = in, four floats, which the model merges of twos.
class PieceModel final : public Servable {
public:
  PieceModel()
      : Servable({"double",
                  "v1",
                  {{"in", ElementType::F32, {1, 4}}},
                  {{"out", ElementType::F32, {1, 4}}},
                  {},
                  {{{"a", ElementType::F32, {1, 2}},
                    {"b", ElementType::F32, {1, 2}}}}}) {}
  Status run(ServableRun &run) override {
    std::memcpy(run.outputs[0], run.inputs[0], 16);
    return Status();
  }
  void merge(size_t, Span<const std::byte *const> pieces,
             void *out) const override {
    for (int i = 0; i < 2; ++i)
      std::memcpy(static_cast<char *>(out) + 8 * i, pieces[i], 8);
  }
};

} // namespace

TEST(MergedShards, AreMergedWhereTheyAreRead) {
  auto server = serve(std::make_unique<PieceModel>());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  auto push = [&](const std::string &key, std::vector<float> floats) {
    lcp::PushRequest shard;
    lcp::PushResponse taken;
    shard.set_request_id("r");
    shard.set_key(key);
    shard.set_datatype("FP32");
    shard.add_shape(1);
    shard.add_shape(int64_t(floats.size()));
    shard.set_contents(floats.data(), floats.size() * sizeof(float));
    return client->call("/lcp.ShardExchange/Push", shard, taken);
  };
  auto waits = start(*client, awaiting("r", "k0 k1"));
  EXPECT_EQ(push("k1", {3}).code(), StatusCode::InvalidArgument);
  EXPECT_TRUE(push("k1", {3, 4}).ok());
  EXPECT_EQ(waits.wait_for(0s), std::future_status::timeout);
  EXPECT_TRUE(push("k0", {1, 2}).ok());
  EXPECT_EQ(floatsOf(waits.get()), (std::vector<float>{1, 2, 3, 4}));
  // Or the whole of it.
  waits = start(*client, awaiting("r", "k"));
  EXPECT_TRUE(push("k", {5, 6, 7, 8}).ok());
  EXPECT_EQ(floatsOf(waits.get()), (std::vector<float>{5, 6, 7, 8}));
}
