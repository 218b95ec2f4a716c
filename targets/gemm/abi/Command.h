//===- Command.h - One command of the gemm engine ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One command is one layer: a loop nest with affine strides whose indices are
// compared with lengths. There are no instructions below it. The compiler,
// the validator and the functional simulator share this header; hardware is to
// be built to it.
//
// The engine multiplies a streamed operand (activations) by a stationary one
// (weights) on an array of kArrayRows x kArrayCols cells: depth is cut into
// blocks of kArrayRows, which are also the blocks of the streamed operand,
// output channels into blocks of kArrayCols. A column adds its cells' products
// in a tree and accumulates over the depth blocks; after the last one bias,
// requantisation, clamp and pooling happen on the way out.
//
// Everything is a little-endian 32-bit word. There are two memories, each a
// range of bytes that a command addresses by offset: activations (i8, read and
// written) and weights (read only: packed weights and channel tables).
//
// Activations are feature maps of channels-last pixels: element (n, y, x, c)
// lies at base + n * batchStride + y * rowStride + x * pixelStride + c. A
// convolution reads its windows in place; positions outside the feature map
// read as zero because an index compares below 0 or at least the length. A
// dense layer is a convolution whose kernel is its whole input feature map.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_ABI_COMMAND_H
#define LCP_TARGETS_GEMM_ABI_COMMAND_H

#include <cstdint>
#include <type_traits>

namespace lcp::gemm {

/// What streams are called in a bundle (common/base/PartFormat.h), and the
/// version, which changes whenever a stream of the one before would be misread.
inline constexpr char kFormat[] = "gemm-stream";
inline constexpr uint32_t kAbiVersion = 1;
/// The geometry in words.
inline constexpr char kIsa[] = "gemm-32x64";

inline constexpr uint32_t kArrayRows = 32;
inline constexpr uint32_t kArrayCols = 64;

/// Products that one accumulator sums at most. With |bias| <= 2^30 a 32-bit
/// accumulator cannot overflow: 2^15 * 128 * 128 = 2^29.
inline constexpr uint32_t kMaxDepth = 1u << 15;
inline constexpr int32_t kMaxBias = 1 << 30;
/// Results lie in [-127, 127].
inline constexpr int32_t kMaxMagnitude = 127;
/// Factors have 15 bits and a sign: the product with a 32-bit sum has 46 bits,
/// which two DSP48E1 multiply, and the error is 2^-15, 0.004 of the last place
/// of an i8. A shift above 47 would leave nothing of any such product.
inline constexpr int kFactorBits = 15;
inline constexpr int32_t kFactorLimit = 1 << kFactorBits;
inline constexpr uint32_t kMaxShift = 47;

enum class Kind : uint32_t {
  /// out = requantise(bias + sum over r, s, i of in * weight), the maximum of
  /// it over a pooling window if there is one.
  Gemm = 1,
  /// out = clamp(maximum over the window); padding never wins.
  MaxPool = 2,
  /// out = clamp((sum over the window * factors[0] + half) >> shift).
  SumPool = 3,
  /// out = clamp((in * factors[0] + second * factors[1] + half) >> shift).
  Add = 4,
};

/// A feature map in activation memory, in bytes.
struct FeatureMap {
  uint32_t base, batchStride, rowStride, pixelStride;
};

struct Command {
  Kind kind;
  /// Output feature map, after pooling. Gemm: `channels` is that of one group,
  /// and the output has groups * channels.
  uint32_t batch, height, width, channels, groups;
  /// Gemm: input channels of one group. Otherwise 1.
  uint32_t depth;
  uint32_t inputHeight, inputWidth;
  /// The window on the input: of position (y, x) it reads
  /// (y * strideY + r * dilationY - padTop, x * strideX + s * dilationX -
  /// padLeft) for r < kernelHeight, s < kernelWidth.
  uint32_t kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX;
  uint32_t padTop, padLeft;
  /// Gemm: output (y, x) is the maximum over positions (y * poolStrideY + p,
  /// x * poolStrideX + q) for p < poolHeight, q < poolWidth. 1 without pooling.
  uint32_t poolHeight, poolWidth, poolStrideY, poolStrideX;
  /// `second` is read by Add alone, and zero otherwise.
  FeatureMap input, second, output;
  /// Gemm: offsets in weight memory, the table's a multiple of 8.
  uint32_t weightBase, tableBase;
  int32_t factors[2];
  uint32_t shift;
  int32_t clampMin, clampMax;
  /// Index of the layer in the part's list of names.
  uint32_t layer;
  /// Zero.
  uint32_t reserved[7];
};
static_assert(sizeof(Command) == 192 && std::is_trivially_copyable_v<Command>);

/// One output channel of a Gemm: out = clamp((x + bias) * multiplier + half >>
/// shift), where half is 2^(shift - 1), or 0 if shift is 0, and >> rounds down.
struct ChannelEntry {
  int32_t bias;
  uint16_t multiplier;
  uint8_t shift;
  /// Zero.
  uint8_t reserved;
};
static_assert(sizeof(ChannelEntry) == 8);

/// Columns that a block of `channels` (1 to kArrayCols) output channels takes
/// in packed weights: whole 64-bit words of the memory port.
inline constexpr uint32_t paddedColumns(uint32_t channels) {
  return (channels + 7) / 8 * 8;
}

/// Bytes of one depth row of a group's packed weights: all blocks of columns.
inline constexpr uint64_t packedRowBytes(uint32_t channels) {
  return uint64_t(channels / kArrayCols) * kArrayCols +
         paddedColumns(channels % kArrayCols);
}

/// Packed weights: group by group, block of columns by block of columns, one
/// row of paddedColumns(block) bytes for each depth index
/// k = (r * kernelWidth + s) * depth + i. Padding columns are zero.
inline constexpr uint64_t packedGroupBytes(uint64_t totalDepth,
                                           uint32_t channels) {
  return totalDepth * packedRowBytes(channels);
}

/// The one requantisation of docs/numerics.md.
inline constexpr int8_t requantise(int64_t sum, int64_t multiplier,
                                   uint32_t shift, int32_t min, int32_t max) {
  int64_t half = (int64_t(1) << shift) >> 1;
  int64_t scaled = (sum * multiplier + half) >> shift;
  return static_cast<int8_t>(scaled < min ? min : scaled > max ? max : scaled);
}

} // namespace lcp::gemm

#endif // LCP_TARGETS_GEMM_ABI_COMMAND_H
