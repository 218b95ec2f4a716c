//===- CodecTest.cpp - Tensors through protocol messages ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Codec.h"
#include "runtime/rpc/Limits.h"

#include <gtest/gtest.h>
#include <limits>

using namespace lcp;
using namespace lcp::rt;
using inference::InferTensorContents;

template <typename T>
static void roundTrip(ElementType type, const std::vector<T> &values) {
  TensorSpec spec{"x", type, {int64_t(values.size())}};
  std::vector<T> back(values.size());

  std::string raw(reinterpret_cast<const char *>(values.data()),
                  values.size() * sizeof(T));
  EXPECT_TRUE(readRaw(raw, spec, back.data()).ok());
  EXPECT_EQ(back, values);

  InferTensorContents contents;
  writeTyped(values.data(), spec, contents);
  std::fill(back.begin(), back.end(), T());
  EXPECT_TRUE(readTyped(contents, spec, back.data()).ok());
  EXPECT_EQ(back, values);

  // The limit holds for the largest of messages, not only for raw ones.
  inference::ModelInferRequest request;
  describeTensor(spec, *request.add_inputs());
  *request.mutable_inputs(0)->mutable_contents() = contents;
  Result<int> limit = messageLimit(Span<const TensorSpec>(&spec, 1));
  ASSERT_TRUE(limit.ok());
  EXPECT_LE(request.ByteSizeLong(), size_t(*limit));
}

TEST(Codec, RoundTripsEveryType) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  roundTrip<float>(ElementType::F32, {0.0f, -1.5f, inf, -inf, 1e-42f});
  roundTrip<int8_t>(ElementType::I8, {-128, -1, 0, 127});
  roundTrip<int32_t>(ElementType::I32, {INT32_MIN, -1, 0, INT32_MAX});
  roundTrip<int8_t>(ElementType::I8, std::vector<int8_t>(100000, -1));
}

TEST(Codec, RefusesTheWrongSize) {
  TensorSpec spec{"x", ElementType::F32, {2, 2}};
  float out[4] = {};
  for (size_t size : {0, 15, 17, 1 << 20})
    EXPECT_FALSE(readRaw(std::string(size, 0), spec, out).ok()) << size;
  for (int count : {0, 3, 5}) {
    InferTensorContents contents;
    for (int i = 0; i < count; ++i)
      contents.add_fp32_contents(1);
    EXPECT_FALSE(readTyped(contents, spec, out).ok()) << count;
  }
}

TEST(Codec, RefusesAnotherTypesField) {
  TensorSpec spec{"x", ElementType::I8, {1}};
  int8_t out = 0;
  InferTensorContents contents;
  contents.add_fp32_contents(1);
  EXPECT_FALSE(readTyped(contents, spec, &out).ok());
  contents.add_int_contents(1);
  EXPECT_FALSE(readTyped(contents, spec, &out).ok());
}

TEST(Codec, RefusesValuesThatDoNotFit) {
  TensorSpec spec{"x", ElementType::I8, {1}};
  int8_t out = 0;
  for (int value : {128, -129, INT32_MAX}) {
    InferTensorContents contents;
    contents.add_int_contents(value);
    Status status = readTyped(contents, spec, &out);
    EXPECT_EQ(status.message(), "tensor 'x': element 0 is " +
                                    std::to_string(value) +
                                    ", which is no INT8");
  }
}

TEST(Codec, ComparesTypesAndShapes) {
  TensorSpec spec{"x", ElementType::F32, {1, 3}};
  google::protobuf::RepeatedField<int64_t> shape;
  shape.Add(1);
  shape.Add(3);
  EXPECT_TRUE(checkTensor("FP32", shape, spec).ok());
  EXPECT_EQ(checkTensor("FP64", shape, spec).message(),
            "tensor 'x': the model takes FP32, the message says FP64");
  shape.Add(-1);
  EXPECT_EQ(checkTensor("FP32", shape, spec).message(),
            "tensor 'x': the model's shape is 1x3, the message's 1x3x-1");
}

TEST(Codec, RefusesModelsThatFitNoMessage) {
  TensorSpec spec{"x", ElementType::F32, {int64_t(1) << 30}};
  EXPECT_FALSE(messageLimit(Span<const TensorSpec>(&spec, 1)).ok());
  std::vector<TensorSpec> two(2, {"x", ElementType::F32, {300 << 20}});
  EXPECT_FALSE(messageLimit(two).ok());
  EXPECT_TRUE(messageLimit(Span<const TensorSpec>(two.data(), 1)).ok());
}
