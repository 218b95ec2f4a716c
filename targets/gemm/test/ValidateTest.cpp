//===- ValidateTest.cpp - Streams that must not run -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/test/StreamBuilder.h"

#include <functional>
#include <gtest/gtest.h>

using namespace lcp::gemm;
using namespace lcp::gemm::test;

namespace {

/// A 3x3 convolution of 4x4x8 to 4x4x16, padded, and its binding.
class ValidateTest : public testing::Test {
protected:
  ValidateTest() {
    Command c = neutralCommand(Kind::Gemm);
    c.height = c.width = c.inputHeight = c.inputWidth = 4;
    c.depth = 8;
    c.channels = 16;
    c.kernelHeight = c.kernelWidth = 3;
    c.padTop = c.padLeft = 1;
    c.input = denseMap(0, 8, 4, 4);
    c.output = denseMap(128, 16, 4, 4);
    c.weightBase = 16 * sizeof(ChannelEntry);
    builder.weights.assign(c.weightBase + packedGroupBytes(72, 16), 0);
    builder.commands = {c};
    builder.inputs = {
        {BindingType::F32, 0.5f, 1, 8, 4, 4, denseMap(0, 8, 4, 4), {}}};
    builder.memoryBytes = 128 + 256;
  }

  std::string run(const lcp::AlignedBuffer &bytes) {
    Stream stream;
    Fault fault = validate(bytes.data(), bytes.size(), builder.weights.data(),
                           builder.weights.size(), stream);
    return fault ? fault.reason : "accepted";
  }
  std::string refusal(const std::function<void(Command &)> &change) {
    Command saved = builder.commands[0];
    change(builder.commands[0]);
    std::string result = run(builder.bytes());
    builder.commands[0] = saved;
    return result;
  }

  StreamBuilder builder;
};

TEST_F(ValidateTest, AcceptsWhatFitsExactly) {
  EXPECT_EQ(refusal([](Command &) {}), "accepted");
  builder.memoryBytes -= 1;
  EXPECT_EQ(refusal([](Command &) {}), "the output exceeds activation memory");
  builder.memoryBytes += 1;
  builder.weights.pop_back();
  EXPECT_EQ(refusal([](Command &) {}), "the weights exceed weight memory");
}

TEST_F(ValidateTest, EveryTruncationIsRefused) {
  lcp::AlignedBuffer bytes = builder.bytes();
  Stream stream;
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(validate(bytes.data(), size, builder.weights.data(),
                         builder.weights.size(), stream));
}

TEST_F(ValidateTest, AddressesThatWouldWrapAreRefused) {
  EXPECT_EQ(refusal([](Command &c) { c.input.base = UINT32_MAX; }),
            "the input exceeds activation memory");
  EXPECT_EQ(refusal([](Command &c) { c.input.rowStride = UINT32_MAX; }),
            "the input exceeds activation memory");
  EXPECT_EQ(refusal([](Command &c) { c.weightBase = UINT32_MAX; }),
            "the weights exceed weight memory");
  EXPECT_EQ(refusal([](Command &c) { c.height = 1u << 20; }),
            "the output exceeds activation memory");
  EXPECT_EQ(refusal([](Command &c) { c.height = (1u << 20) + 1; }),
            "a length or stride is 0 or above 2^20");
  EXPECT_EQ(refusal([](Command &c) { c.groups = 1u << 17; }),
            "more than 2^20 channels");
  EXPECT_EQ(refusal([](Command &c) { c.kernelHeight = 1u << 16; }),
            "a sum is longer than 2^15");
}

TEST_F(ValidateTest, FieldsOutOfRangeAreRefused) {
  EXPECT_EQ(refusal([](Command &c) { c.kind = Kind(0); }),
            "there is no such kind");
  EXPECT_EQ(refusal([](Command &c) { c.strideX = 0; }),
            "a length or stride is 0 or above 2^20");
  EXPECT_EQ(refusal([](Command &c) { c.clampMin = -128; }),
            "the clamp does not lie in [-127, 127]");
  EXPECT_EQ(refusal([](Command &c) { c.tableBase = 4; }),
            "the channel table exceeds weight memory or is not aligned");
  EXPECT_EQ(refusal([](Command &c) { c.layer = 1; }),
            "the layer's index is out of range");
  EXPECT_EQ(refusal([](Command &c) { c.reserved[6] = 1; }),
            "a reserved word is not 0");
  EXPECT_EQ(refusal([](Command &c) { c.factors[0] = 1; }),
            "a factor is set in a kind without one");
  EXPECT_EQ(refusal([](Command &c) { c.second.base = 1; }),
            "a field of Add is set in another kind");
  builder.weights[7] = 1;
  EXPECT_EQ(refusal([](Command &) {}),
            "an entry of the channel table is out of range");
}

TEST_F(ValidateTest, OverlapsAreRefused) {
  EXPECT_EQ(refusal([](Command &c) { c.output.base = 127; }),
            "the output overlaps the input");
  EXPECT_EQ(refusal([](Command &c) { c.output.pixelStride = 15; }),
            "the output overlaps itself");
  // Different channels of the same pixels, as in a concatenation, are apart.
  builder.memoryBytes = 4 * 4 * 24;
  auto share = [](uint32_t base) {
    return [base](Command &c) {
      c.input = denseMap(0, 24, 4, 4);
      c.output = denseMap(0, 24, 4, 4);
      c.output.base = base;
    };
  };
  EXPECT_EQ(refusal(share(8)), "accepted");
  EXPECT_EQ(refusal(share(7)), "the output overlaps the input");
  // Wherever the pixels start.
  builder.memoryBytes += 20;
  auto move = [&](Command &c) {
    share(8)(c);
    c.input.base += 20, c.output.base += 20;
  };
  EXPECT_EQ(refusal(move), "accepted");
}

TEST_F(ValidateTest, PoolsNeedSomethingToPool) {
  builder.commands = {neutralCommand(Kind::MaxPool)};
  EXPECT_EQ(refusal([](Command &) {}), "accepted");
  EXPECT_EQ(refusal([](Command &c) { c.padTop = 1; }),
            "a window lies outside the feature map");
  EXPECT_EQ(refusal([](Command &c) { c.height = 2; }),
            "a window lies outside the feature map");
}

TEST_F(ValidateTest, BadHeadersAndBindingsAreRefused) {
  builder.inputs[0].scale = 0;
  EXPECT_EQ(run(builder.bytes()), "the scale is not a positive number");
  builder.inputs[0].scale = 1;
  builder.inputs[0].map.base = UINT32_MAX;
  EXPECT_EQ(run(builder.bytes()), "the feature map exceeds activation memory");
  builder.inputs.clear();
  lcp::AlignedBuffer bytes = builder.bytes();
  auto *header = reinterpret_cast<StreamHeader *>(bytes.data());
  header->version = 2;
  EXPECT_EQ(run(bytes), "made for another version of the engine");
  header->version = kAbiVersion;
  header->numInputs = UINT32_MAX, header->numOutputs = 1;
  EXPECT_EQ(run(bytes), "its size does not fit its counts");
  header->numInputs = 0, header->numOutputs = 0;
  header->magic = 0;
  EXPECT_EQ(run(bytes), "not a gemm stream");
}

} // namespace
