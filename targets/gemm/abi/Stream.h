//===- Stream.h - The commands of one part, and its interface ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The code of a part is one contiguous buffer: a StreamHeader, a Binding for
// each input and output, then the commands. The engine reads the commands only;
// the driver moves inputs and outputs between tensors and activation memory.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_ABI_STREAM_H
#define LCP_TARGETS_GEMM_ABI_STREAM_H

#include "targets/gemm/abi/Command.h"

namespace lcp::gemm {

/// "LCPG"
inline constexpr uint32_t kMagic = 0x4750434c;

struct StreamHeader {
  uint32_t magic, version;
  uint32_t arrayRows, arrayCols;
  uint32_t numInputs, numOutputs, numCommands;
  /// One more than the largest Command::layer.
  uint32_t numLayers;
  /// Sizes of the two memories.
  uint64_t memoryBytes, weightBytes;
  /// Zero.
  uint32_t reserved[4];
};
static_assert(sizeof(StreamHeader) == 64);

enum class BindingType : uint32_t { F32 = 0, I8 = 1 };

/// A tensor of the part, dense and in the order n, c, y, x, and the feature map
/// that holds it in activation memory. Of f32 the driver quantises an input
/// with `scale` and dequantises an output; of i8 it only moves.
struct Binding {
  BindingType type;
  float scale;
  uint32_t batch, channels, height, width;
  FeatureMap map;
  /// Zero.
  uint32_t reserved[2];
};
static_assert(sizeof(Binding) == 48);

/// A stream where it lies. Valid once validate() has passed it.
struct Stream {
  const StreamHeader *header = nullptr;
  /// numInputs, then numOutputs.
  const Binding *bindings = nullptr;
  const Command *commands = nullptr;
};

} // namespace lcp::gemm

#endif // LCP_TARGETS_GEMM_ABI_STREAM_H
