//===- FunctionalEngineTest.cpp - Commands against their definition -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random commands against loops that follow Command.h word by word: plain OIHW
// weights and coordinates, no blocks and no packing but the test's own.
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/runtime/FunctionalEngine.h"
#include "targets/gemm/runtime/Disassemble.h"
#include "targets/gemm/test/StreamBuilder.h"

#include <gtest/gtest.h>
#include <random>

using namespace lcp::gemm;
using namespace lcp::gemm::test;
using lcp::rt::gemm::execute;

namespace {

class FunctionalEngineTest : public testing::TestWithParam<int> {
protected:
  FunctionalEngineTest() : random(GetParam()) {}

  uint32_t pick(uint32_t least, uint32_t most) {
    return std::uniform_int_distribution<uint32_t>(least, most)(random);
  }
  int8_t pickByte() { return int8_t(int32_t(pick(0, 254)) - 127); }

  /// A window, an output size that it reaches, and where things lie.
  Command randomCommand(Kind kind) {
    Command c = neutralCommand(kind);
    c.batch = pick(1, 2);
    c.groups = kind == Kind::Gemm ? pick(1, 3) : 1;
    c.depth = kind == Kind::Gemm ? pick(1, 70) : 1;
    c.channels = pick(1, 150);
    c.inputHeight = pick(1, 9), c.inputWidth = pick(1, 9);
    if (kind != Kind::Add)
      randomWindow(c);
    auto outputs = [](uint32_t size, uint32_t pad, uint32_t kernel,
                      uint32_t dilation, uint32_t stride) -> int32_t {
      int32_t space = size + 2 * pad - (kernel - 1) * dilation - 1;
      return space < 0 ? 0 : space / int32_t(stride) + 1;
    };
    c.height = outputs(c.inputHeight, c.padTop, c.kernelHeight, c.dilationY,
                       c.strideY);
    c.width =
        outputs(c.inputWidth, c.padLeft, c.kernelWidth, c.dilationX, c.strideX);
    if (!c.height || !c.width)
      return randomCommand(kind);
    if (kind == Kind::Gemm && c.height > 1 && c.width > 1 && pick(0, 1)) {
      c.poolHeight = pick(1, 2), c.poolWidth = 2;
      c.poolStrideY = pick(1, 2), c.poolStrideX = 2;
      c.height = (c.height - c.poolHeight) / c.poolStrideY + 1;
      c.width = (c.width - c.poolWidth) / c.poolStrideX + 1;
    }
    place(c);
    c.clampMin = int32_t(pick(0, 127)) - 127;
    c.clampMax = pick(0, 127);
    if (kind == Kind::Add || kind == Kind::SumPool) {
      c.factors[0] = pick(1, kFactorLimit - 1);
      c.shift = pick(0, 18);
    }
    if (kind == Kind::Add)
      c.factors[1] = -int32_t(pick(1, kFactorLimit - 1));
    return c;
  }

  void randomWindow(Command &c) {
    c.kernelHeight = pick(1, 3), c.kernelWidth = pick(1, 3);
    c.strideY = pick(1, 3), c.strideX = pick(1, 3);
    c.dilationY = c.kind == Kind::MaxPool ? 1 : pick(1, 2);
    c.dilationX = c.kind == Kind::MaxPool ? 1 : pick(1, 2);
    c.padTop = pick(0, c.kernelHeight - 1);
    c.padLeft = pick(0, c.kernelWidth - 1);
  }

  /// Feature maps one after the other, with room between pixels and rows.
  void place(Command &c) {
    uint32_t next = pick(0, 9);
    auto make = [&](uint32_t channels, uint32_t height, uint32_t width) {
      uint32_t pixel = channels + pick(0, 3), row = width * pixel + pick(0, 5);
      FeatureMap map{next, height * row + pick(0, 7), row, pixel};
      next += c.batch * map.batchStride;
      return map;
    };
    uint32_t channels = c.kind == Kind::Gemm ? c.groups * c.depth : c.channels;
    c.input = make(channels, c.inputHeight, c.inputWidth);
    if (c.kind == Kind::Add)
      c.second = make(channels, c.inputHeight, c.inputWidth);
    c.output = make(c.groups * c.channels, c.height, c.width);
    memory.resize(next);
    for (int8_t &byte : memory)
      byte = pickByte();
  }

  void randomWeights(const Command &c) {
    uint64_t depth = uint64_t(c.kernelHeight) * c.kernelWidth * c.depth;
    oihw.resize(c.groups * c.channels * depth);
    for (int8_t &weight : oihw)
      weight = pickByte();
    for (uint32_t i = 0; i < c.groups * c.channels; ++i)
      table.push_back({int32_t(pick(0, 20000)) - 10000,
                       uint16_t(pick(0, kFactorLimit - 1)),
                       uint8_t(pick(10, 26)), 0});
    pack(c, depth);
  }

  void pack(const Command &c, uint64_t depth) {
    weights.assign(reinterpret_cast<uint8_t *>(table.data()),
                   reinterpret_cast<uint8_t *>(table.data() + table.size()));
    for (uint32_t g = 0; g < c.groups; ++g)
      for (uint32_t first = 0; first < c.channels; first += kArrayCols) {
        uint32_t count = std::min(kArrayCols, c.channels - first);
        for (uint64_t k = 0; k < depth; ++k)
          for (uint32_t j = 0; j < paddedColumns(count); ++j) {
            uint32_t o = g * c.channels + first + j, i = k % c.depth;
            uint64_t tap = k / c.depth;
            uint64_t taps = depth / c.depth;
            weights.push_back(
                j < count ? oihw[(uint64_t(o) * c.depth + i) * taps + tap] : 0);
          }
      }
  }

  int8_t at(const FeatureMap &map, uint32_t n, int64_t y, int64_t x,
            uint32_t channel) {
    return memory[map.base + n * map.batchStride + y * map.rowStride +
                  x * map.pixelStride + channel];
  }

  /// Calls visit(r, s, y, x) for taps inside the feature map.
  template <typename Visit>
  void taps(const Command &c, uint32_t y, uint32_t x, Visit visit) {
    for (uint32_t r = 0; r < c.kernelHeight; ++r)
      for (uint32_t s = 0; s < c.kernelWidth; ++s) {
        int64_t inY = int64_t(y) * c.strideY + r * c.dilationY - c.padTop;
        int64_t inX = int64_t(x) * c.strideX + s * c.dilationX - c.padLeft;
        if (inY >= 0 && inY < c.inputHeight && inX >= 0 && inX < c.inputWidth)
          visit(r, s, inY, inX);
      }
  }

  /// floor(sum * multiplier / 2^shift + 1/2), clamped, in wide floating point.
  static int8_t round(const Command &c, int64_t sum, int64_t multiplier,
                      uint32_t shift) {
    long double exact = std::floor(
        std::ldexp(static_cast<long double>(sum * multiplier), -int(shift)) +
        (shift ? 0.5L : 0.0L));
    return std::clamp<long double>(exact, c.clampMin, c.clampMax);
  }

  int8_t expected(const Command &c, uint32_t n, uint32_t o, uint32_t y,
                  uint32_t x) {
    int64_t sum = 0, best = -128;
    switch (c.kind) {
    case Kind::MaxPool:
      taps(c, y, x, [&](uint32_t, uint32_t, int64_t inY, int64_t inX) {
        best = std::max<int64_t>(best, at(c.input, n, inY, inX, o));
      });
      return std::clamp<int64_t>(best, c.clampMin, c.clampMax);
    case Kind::SumPool:
      taps(c, y, x, [&](uint32_t, uint32_t, int64_t inY, int64_t inX) {
        sum += at(c.input, n, inY, inX, o);
      });
      return round(c, sum, c.factors[0], c.shift);
    case Kind::Add:
      sum = at(c.input, n, y, x, o) * c.factors[0] +
            at(c.second, n, y, x, o) * c.factors[1];
      return round(c, sum, 1, c.shift);
    case Kind::Gemm:
      break;
    }
    for (uint32_t p = 0; p < c.poolHeight; ++p)
      for (uint32_t q = 0; q < c.poolWidth; ++q) {
        sum = table[o].bias;
        taps(c, y * c.poolStrideY + p, x * c.poolStrideX + q,
             [&](uint32_t r, uint32_t s, int64_t inY, int64_t inX) {
               for (uint32_t i = 0; i < c.depth; ++i) {
                 uint64_t w =
                     ((uint64_t(o) * c.depth + i) * c.kernelHeight + r) *
                         c.kernelWidth +
                     s;
                 uint32_t channel = o / c.channels * c.depth + i;
                 sum += at(c.input, n, inY, inX, channel) * oihw[w];
               }
             });
        best = std::max<int64_t>(
            best, round(c, sum, table[o].multiplier, table[o].shift));
      }
    return best;
  }

  void check(const Command &c) {
    StreamHeader header{};
    header.memoryBytes = memory.size();
    header.weightBytes = weights.size();
    header.numLayers = 1;
    ASSERT_EQ(lcp::gemm::detail::checkCommand(c, header, weights.data()),
              nullptr);
    std::vector<int8_t> before = memory;
    auto pool = *lcp::rt::ThreadPool::create(pick(1, 3));
    execute(c, {memory.data(), weights.data(), table.data()}, pool.get());
    std::vector<int8_t> after = memory;
    memory = before;
    for (uint32_t n = 0; n < c.batch; ++n)
      for (uint32_t y = 0; y < c.height; ++y)
        for (uint32_t x = 0; x < c.width; ++x)
          for (uint32_t o = 0; o < c.groups * c.channels; ++o) {
            int8_t *place = before.data() + c.output.base +
                            n * c.output.batchStride + y * c.output.rowStride +
                            x * c.output.pixelStride + o;
            *place = expected(c, n, o, y, x);
          }
    // All of memory: what is not output stayed as it was.
    EXPECT_EQ(after, before) << lcp::rt::gemm::disassemble(c);
  }

  std::mt19937 random;
  std::vector<int8_t> memory, oihw;
  std::vector<ChannelEntry> table;
  std::vector<uint8_t> weights;
};

TEST_P(FunctionalEngineTest, Gemm) {
  Command c = randomCommand(Kind::Gemm);
  randomWeights(c);
  c.weightBase = table.size() * sizeof(ChannelEntry);
  check(c);
}
TEST_P(FunctionalEngineTest, MaxPool) { check(randomCommand(Kind::MaxPool)); }
TEST_P(FunctionalEngineTest, SumPool) { check(randomCommand(Kind::SumPool)); }
TEST_P(FunctionalEngineTest, Add) { check(randomCommand(Kind::Add)); }

INSTANTIATE_TEST_SUITE_P(Seeds, FunctionalEngineTest, testing::Range(0, 40));

} // namespace
