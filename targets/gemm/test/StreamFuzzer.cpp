//===- StreamFuzzer.cpp - Any bytes as a stream ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes that the validator accepts are run, in memories of exactly the size
// that their header says, so that the sanitizers see every stray access.
//
//===----------------------------------------------------------------------===//

#include "common/base/Tensor.h"
#include "targets/gemm/abi/Validate.h"
#include "targets/gemm/runtime/Disassemble.h"
#include "targets/gemm/runtime/FunctionalEngine.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace lcp::gemm;

// More would only make single inputs slow.
static constexpr uint64_t kMemoryLimit = 1 << 20;
static constexpr uint64_t kWorkLimit = 1 << 20;

static bool isSmall(const Stream &stream) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < stream.header->numCommands; ++i) {
    uint64_t work = lcp::rt::gemm::countOperations(stream.commands[i]);
    total += std::min(work, kWorkLimit);
  }
  return total < kWorkLimit && stream.header->memoryBytes <= kMemoryLimit;
}

// Chance alone never gets 40 words of a command right: in tame inputs they are
// brought near the limits, and it is for the validator to tell on which side.
static void tame(StreamHeader &header, Command *commands) {
  header.memoryBytes %= 4096;
  for (uint32_t i = 0; i < header.numCommands; ++i) {
    Command &c = commands[i];
    c.kind = Kind(uint32_t(c.kind) % 5);
    for (uint32_t *word = &c.batch; word != &c.poolStrideX + 1; ++word)
      *word = *word % 4 + 1;
    --c.padTop, --c.padLeft;
    bool gemm = c.kind == Kind::Gemm, add = c.kind == Kind::Add;
    for (FeatureMap *map : {&c.input, &c.second, &c.output})
      for (uint32_t *word :
           {&map->base, &map->batchStride, &map->rowStride, &map->pixelStride})
        *word %= 256;
    if (!add)
      c.second = {}, c.factors[1] = 0;
    if (!gemm) {
      c.groups = c.depth = c.poolHeight = c.poolWidth = 1;
      c.poolStrideY = c.poolStrideX = 1;
      c.weightBase = c.tableBase = 0;
    }
    if (gemm || c.kind == Kind::MaxPool)
      c.factors[0] = 0, c.shift = 0;
    c.weightBase %= 256, c.tableBase = c.tableBase % 256 / 8 * 8;
    c.clampMin %= 128, c.clampMax %= 128, c.shift %= 49;
    c.factors[0] %= kFactorLimit + 1, c.factors[1] %= kFactorLimit + 1;
    c.layer = 0;
    std::fill(std::begin(c.reserved), std::end(c.reserved), 0);
  }
}

// Makes every aligned word pair of the weights an entry of a channel table, and
// enough of them for most commands.
static void tame(std::vector<uint8_t> &weights) {
  weights.resize(2048, weights.empty() ? 1 : weights[0]);
  for (size_t at = 0; at + sizeof(ChannelEntry) <= weights.size();
       at += sizeof(ChannelEntry)) {
    ChannelEntry entry;
    std::memcpy(&entry, &weights[at], sizeof(entry));
    entry.bias /= 2;
    entry.multiplier %= kFactorLimit;
    entry.shift %= kMaxShift + 1;
    entry.reserved = 0;
    std::memcpy(&weights[at], &entry, sizeof(entry));
  }
}

// The first two bytes say how many of the rest are weights, and the highest bit
// whether to tame. What must be right for anything to be looked at is made
// right: magic, version, sizes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 + sizeof(StreamHeader))
    return 0;
  size_t weightBytes = std::min<size_t>(data[0] | (data[1] & 0x7f) << 8,
                                        size - 2 - sizeof(StreamHeader));
  std::vector<uint8_t> weights(data + 2, data + 2 + weightBytes);
  size_t codeBytes = size - 2 - weightBytes;
  auto code = lcp::AlignedBuffer::allocate(codeBytes);
  if (!code.ok())
    return 0;
  std::memcpy(code->data(), data + 2 + weightBytes, codeBytes);
  auto *header = reinterpret_cast<StreamHeader *>(code->data());
  header->magic = kMagic;
  header->version = kAbiVersion;
  header->arrayRows = kArrayRows;
  header->arrayCols = kArrayCols;
  header->weightBytes = weightBytes;
  std::fill(std::begin(header->reserved), std::end(header->reserved), 0);

  if (data[1] & 0x80) {
    header->numInputs = header->numOutputs = 0;
    header->numLayers = 1;
    header->numCommands = (codeBytes - sizeof(*header)) / sizeof(Command);
    codeBytes = sizeof(*header) + header->numCommands * sizeof(Command);
    tame(weights);
    header->weightBytes = weightBytes = weights.size();
    tame(*header, reinterpret_cast<Command *>(header + 1));
  }

  Stream stream;
  if (validate(code->data(), codeBytes, weights.data(), weightBytes, stream) ||
      !isSmall(stream))
    return 0;
  std::vector<int8_t> memory(header->memoryBytes);
  for (uint32_t i = 0; i < header->numCommands; ++i) {
    auto *table = reinterpret_cast<const ChannelEntry *>(
        weights.data() + stream.commands[i].tableBase);
    lcp::rt::gemm::execute(stream.commands[i],
                           {memory.data(), weights.data(), table}, nullptr);
    if (lcp::rt::gemm::disassemble(stream.commands[i]).empty())
      std::abort();
  }
  return 0;
}
