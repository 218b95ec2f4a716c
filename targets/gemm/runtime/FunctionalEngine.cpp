//===- FunctionalEngine.cpp - Results without timing ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/runtime/FunctionalEngine.h"

#include "runtime/platform/Time.h"

#include <algorithm>
#include <cstring>

namespace lcp::rt::gemm {

using namespace lcp::gemm;

namespace {

/// The position on the input that a window's tap reads, or -1 outside.
int64_t tapPosition(uint64_t out, uint32_t stride, uint32_t tap,
                    uint32_t dilation, uint32_t pad, uint32_t size) {
  int64_t at = int64_t(out * stride + uint64_t(tap) * dilation) - pad;
  return at >= 0 && at < size ? at : -1;
}

int8_t *pixelOf(int8_t *memory, const FeatureMap &map, uint64_t n, uint64_t y,
                uint64_t x) {
  return memory + map.base + n * map.batchStride + y * map.rowStride +
         x * map.pixelStride;
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// One group's block of output columns: what the array holds at a time.
struct Block {
  uint32_t group;
  /// First channel within the group, and how many.
  uint32_t first, count;
  /// Bytes of a depth row.
  uint32_t stride;
  const uint8_t *weights;
  const ChannelEntry *table;
};

Block blockAt(const Command &c, const Memories &memories, uint64_t index) {
  uint32_t blocks = (c.channels + kArrayCols - 1) / kArrayCols;
  uint64_t depth = uint64_t(c.kernelHeight) * c.kernelWidth * c.depth;
  Block block;
  block.group = index / blocks;
  block.first = index % blocks * kArrayCols;
  block.count = std::min(kArrayCols, c.channels - block.first);
  block.stride = paddedColumns(block.count);
  block.weights = memories.weights + c.weightBase +
                  block.group * packedGroupBytes(depth, c.channels) +
                  depth * block.first;
  block.table =
      memories.tables + uint64_t(block.group) * c.channels + block.first;
  return block;
}

/// sums[j] += input[i] * weights[i][j]. A product of two i8 fits an i16, which
/// is what lets compilers multiply eight or sixteen at a time.
void multiply(const int8_t *input, uint32_t depth, const uint8_t *weights,
              uint32_t stride, int32_t *sums) {
  for (uint32_t i = 0; i < depth; ++i) {
    int16_t value = input[i];
    auto *row =
        reinterpret_cast<const int8_t *>(weights) + i * uint64_t(stride);
    for (uint32_t j = 0; j < stride; ++j)
      sums[j] += int16_t(value * row[j]);
  }
}

/// The sums of one position before pooling.
void accumulate(const Command &c, const Block &block, int8_t *memory,
                uint64_t n, uint64_t y, uint64_t x, int32_t *sums) {
  std::memset(sums, 0, kArrayCols * sizeof(*sums));
  for (uint32_t r = 0; r < c.kernelHeight; ++r) {
    int64_t inY =
        tapPosition(y, c.strideY, r, c.dilationY, c.padTop, c.inputHeight);
    if (inY < 0)
      continue;
    for (uint32_t s = 0; s < c.kernelWidth; ++s) {
      int64_t inX =
          tapPosition(x, c.strideX, s, c.dilationX, c.padLeft, c.inputWidth);
      if (inX < 0)
        continue;
      uint64_t row = (uint64_t(r) * c.kernelWidth + s) * c.depth;
      multiply(pixelOf(memory, c.input, n, inY, inX) +
                   uint64_t(block.group) * c.depth,
               c.depth, block.weights + row * block.stride, block.stride, sums);
    }
  }
}

/// One pixel of the output, after requantisation and pooling.
void computePixel(const Command &c, const Block &block, int8_t *memory,
                  uint64_t n, uint64_t y, uint64_t x) {
  int32_t sums[kArrayCols];
  int8_t best[kArrayCols];
  std::fill(best, best + kArrayCols, int8_t(-128));
  for (uint32_t p = 0; p < c.poolHeight; ++p)
    for (uint32_t q = 0; q < c.poolWidth; ++q) {
      accumulate(c, block, memory, n, y * c.poolStrideY + p,
                 x * c.poolStrideX + q, sums);
      for (uint32_t j = 0; j < block.count; ++j) {
        const ChannelEntry &entry = block.table[j];
        best[j] = std::max(best[j], requantise(int64_t(sums[j]) + entry.bias,
                                               entry.multiplier, entry.shift,
                                               c.clampMin, c.clampMax));
      }
    }
  std::memcpy(pixelOf(memory, c.output, n, y, x) +
                  uint64_t(block.group) * c.channels + block.first,
              best, block.count);
}

//===----------------------------------------------------------------------===//
// Pools and additions
//===----------------------------------------------------------------------===//

/// Calls visit(pixel) for each position of a window inside the feature map.
template <typename Visit>
void forEachTap(const Command &c, int8_t *memory, uint64_t n, uint64_t y,
                uint64_t x, Visit &&visit) {
  for (uint32_t r = 0; r < c.kernelHeight; ++r) {
    int64_t inY =
        tapPosition(y, c.strideY, r, c.dilationY, c.padTop, c.inputHeight);
    for (uint32_t s = 0; inY >= 0 && s < c.kernelWidth; ++s) {
      int64_t inX =
          tapPosition(x, c.strideX, s, c.dilationX, c.padLeft, c.inputWidth);
      if (inX >= 0)
        visit(pixelOf(memory, c.input, n, inY, inX));
    }
  }
}

void maxPoolPixel(const Command &c, int8_t *memory, uint64_t n, uint64_t y,
                  uint64_t x) {
  int8_t *out = pixelOf(memory, c.output, n, y, x);
  std::memset(out, c.clampMin, c.channels);
  forEachTap(c, memory, n, y, x, [&](const int8_t *in) {
    for (uint32_t i = 0; i < c.channels; ++i)
      out[i] = std::max(out[i], in[i]);
  });
  for (uint32_t i = 0; i < c.channels; ++i)
    out[i] = std::min<int32_t>(out[i], c.clampMax);
}

void sumPoolPixel(const Command &c, int8_t *memory, uint64_t n, uint64_t y,
                  uint64_t x) {
  int8_t *out = pixelOf(memory, c.output, n, y, x);
  int32_t sums[kArrayCols];
  for (uint32_t first = 0; first < c.channels; first += kArrayCols) {
    uint32_t count = std::min(kArrayCols, c.channels - first);
    std::memset(sums, 0, sizeof(sums));
    forEachTap(c, memory, n, y, x, [&](const int8_t *in) {
      for (uint32_t i = 0; i < count; ++i)
        sums[i] += in[first + i];
    });
    for (uint32_t i = 0; i < count; ++i)
      out[first + i] =
          requantise(sums[i], c.factors[0], c.shift, c.clampMin, c.clampMax);
  }
}

void addPixel(const Command &c, int8_t *memory, uint64_t n, uint64_t y,
              uint64_t x) {
  const int8_t *a = pixelOf(memory, c.input, n, y, x);
  const int8_t *b = pixelOf(memory, c.second, n, y, x);
  int8_t *out = pixelOf(memory, c.output, n, y, x);
  for (uint32_t i = 0; i < c.channels; ++i) {
    int64_t sum = int64_t(a[i]) * c.factors[0] + int64_t(b[i]) * c.factors[1];
    out[i] = requantise(sum, 1, c.shift, c.clampMin, c.clampMax);
  }
}

//===----------------------------------------------------------------------===//
// The loop nest
//===----------------------------------------------------------------------===//

/// All output rows of one block, or those of a range of them.
void computeRows(const Command &c, const Memories &memories, uint64_t begin,
                 uint64_t end) {
  int8_t *memory = memories.activations;
  uint64_t rows = uint64_t(c.batch) * c.height;
  for (uint64_t item = begin; item < end; ++item) {
    uint64_t n = item % rows / c.height, y = item % c.height;
    if (c.kind == Kind::Gemm) {
      Block block = blockAt(c, memories, item / rows);
      for (uint64_t x = 0; x < c.width; ++x)
        computePixel(c, block, memory, n, y, x);
      continue;
    }
    auto *pixel = c.kind == Kind::MaxPool   ? maxPoolPixel
                  : c.kind == Kind::SumPool ? sumPoolPixel
                                            : addPixel;
    for (uint64_t x = 0; x < c.width; ++x)
      pixel(c, memory, n, y, x);
  }
}

} // namespace

void execute(const Command &c, const Memories &memories, ThreadPool *pool) {
  uint64_t blocks = 1;
  if (c.kind == Kind::Gemm)
    blocks = uint64_t(c.groups) * ((c.channels + kArrayCols - 1) / kArrayCols);
  // Block by block, then row by row: a block's weights stay in the cache.
  uint64_t items = blocks * c.batch * c.height;
  if (!pool || pool->threads() == 1)
    return computeRows(c, memories, 0, items);
  pool->run([&](unsigned thread, unsigned threads) {
    uint64_t share = items / threads, rest = items % threads;
    uint64_t begin = share * thread + std::min<uint64_t>(thread, rest);
    computeRows(c, memories, begin, begin + share + (thread < rest));
  });
}

Status FunctionalEngine::run(const Stream &stream, const Memories &memories,
                             ThreadPool *pool,
                             Span<uint64_t> layerNanoseconds) const {
  Memories rest = memories;
  for (uint32_t i = 0; i < stream.header->numCommands; ++i) {
    const Command &command = stream.commands[i];
    bool timed = !layerNanoseconds.empty();
    uint64_t start = timed ? monotonicNanoseconds() : 0;
    execute(command, rest, pool);
    if (command.kind == Kind::Gemm)
      rest.tables += size_t(command.groups) * command.channels;
    if (timed)
      layerNanoseconds[command.layer] += monotonicNanoseconds() - start;
  }
  return Status();
}

uint64_t countOperations(const Command &c) {
  uint64_t total = 1;
  for (uint32_t factor :
       {c.batch, c.height, c.width, c.poolHeight, c.poolWidth, c.groups,
        c.channels, c.kernelHeight, c.kernelWidth, c.depth})
    if (__builtin_mul_overflow(total, uint64_t(factor), &total))
      return UINT64_MAX;
  return total;
}

} // namespace lcp::rt::gemm
