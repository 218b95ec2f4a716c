//===- StreamBuilder.h - Streams made by hand -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_TEST_STREAMBUILDER_H
#define LCP_TARGETS_GEMM_TEST_STREAMBUILDER_H

#include "common/base/Tensor.h"
#include "targets/gemm/abi/Validate.h"

#include <vector>

namespace lcp::gemm::test {

/// A dense channels-last feature map.
inline FeatureMap denseMap(uint32_t base, uint32_t channels, uint32_t height,
                           uint32_t width) {
  return {base, channels * height * width, channels * width, channels};
}

/// A command that reads the 1x1 window of a 1x1x1 feature map and passes it on.
inline Command neutralCommand(Kind kind) {
  Command c{};
  c.kind = kind;
  for (uint32_t *field :
       {&c.batch, &c.height, &c.width, &c.channels, &c.groups, &c.depth,
        &c.inputHeight, &c.inputWidth, &c.kernelHeight, &c.kernelWidth,
        &c.strideY, &c.strideX, &c.dilationY, &c.dilationX, &c.poolHeight,
        &c.poolWidth, &c.poolStrideY, &c.poolStrideX})
    *field = 1;
  c.input = denseMap(0, 1, 1, 1);
  c.output = denseMap(64, 1, 1, 1);
  if (kind == Kind::Add)
    c.second = denseMap(32, 1, 1, 1);
  c.clampMin = -127;
  c.clampMax = 127;
  return c;
}

/// What a compiler would emit, piece by piece.
struct StreamBuilder {
  uint32_t numLayers = 1;
  uint64_t memoryBytes = 0;
  std::vector<Binding> inputs, outputs;
  std::vector<Command> commands;
  std::vector<uint8_t> weights;

  /// The bytes, in memory aligned as a bundle's segments are.
  AlignedBuffer bytes() const {
    StreamHeader header{};
    header.magic = kMagic;
    header.version = kAbiVersion;
    header.arrayRows = kArrayRows;
    header.arrayCols = kArrayCols;
    header.numInputs = inputs.size();
    header.numOutputs = outputs.size();
    header.numCommands = commands.size();
    header.numLayers = numLayers;
    header.memoryBytes = memoryBytes;
    header.weightBytes = weights.size();
    std::vector<char> all;
    auto put = [&](const void *data, size_t size) {
      auto *first = static_cast<const char *>(data);
      all.insert(all.end(), first, first + size);
    };
    put(&header, sizeof(header));
    put(inputs.data(), inputs.size() * sizeof(Binding));
    put(outputs.data(), outputs.size() * sizeof(Binding));
    put(commands.data(), commands.size() * sizeof(Command));
    AlignedBuffer result = *AlignedBuffer::allocate(all.size());
    std::memcpy(result.data(), all.data(), all.size());
    return result;
  }
};

} // namespace lcp::gemm::test

#endif // LCP_TARGETS_GEMM_TEST_STREAMBUILDER_H
