//===- Validate.h - Whether a stream can be run -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one check of streams: the compiler runs it on what it emits, a driver on
// what it loads, before anything else looks at the bytes. A stream that passes
// touches only its own memories, whatever else it says, and sums that cannot
// overflow. Fields that a kind does not use must have the value given in
// Command.h, so that they can get a meaning later.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_ABI_VALIDATE_H
#define LCP_TARGETS_GEMM_ABI_VALIDATE_H

#include "targets/gemm/abi/Stream.h"

#include <cmath>
#include <cstring>

namespace lcp::gemm {

/// Why a stream was refused; `reason` is null if it was not. `index` is that of
/// the command or binding, -1 for the header.
struct Fault {
  const char *reason = nullptr;
  int64_t index = -1;
  explicit operator bool() const { return reason; }
};

inline bool isValid(const ChannelEntry &entry) {
  return entry.bias >= -kMaxBias && entry.bias <= kMaxBias &&
         entry.multiplier < kFactorLimit && entry.shift <= kMaxShift &&
         !entry.reserved;
}

namespace detail {

// Sides of feature maps, windows and strides: products of three stay within 64
// bits.
inline constexpr uint32_t kMaxExtent = 1u << 20;

inline bool inRange(uint32_t value, uint32_t least, uint32_t most) {
  return value >= least && value <= most;
}

/// One more than the last byte of a feature map of the given size. At most
/// 3 * 2^20 * 2^32 + 2^53: no overflow.
inline uint64_t endOf(const FeatureMap &map, uint32_t batch, uint32_t height,
                      uint32_t width, uint64_t channels) {
  return map.base + uint64_t(batch - 1) * map.batchStride +
         uint64_t(height - 1) * map.rowStride +
         uint64_t(width - 1) * map.pixelStride + channels;
}

/// Channels c of feature map a and d of feature map b never share a byte:
/// either the feature maps lie apart, or they are different channels of the
/// same pixels.
inline bool disjoint(const FeatureMap &a, uint64_t endA, uint64_t channelsA,
                     const FeatureMap &b, uint64_t endB, uint64_t channelsB) {
  if (endA <= b.base || endB <= a.base)
    return true;
  uint32_t pixel = a.pixelStride;
  if (pixel == 0 || b.pixelStride != pixel || a.rowStride % pixel ||
      b.rowStride % pixel || a.batchStride % pixel || b.batchStride % pixel)
    return false;
  // Where b's channels start after a's, modulo whole pixels.
  uint64_t distance = a.base <= b.base
                          ? (b.base - a.base) % pixel
                          : (pixel - (a.base - b.base) % pixel) % pixel;
  return distance >= channelsA && distance + channelsB <= pixel;
}

/// No byte of a feature map is that of two elements.
inline bool isInjective(const FeatureMap &map, uint32_t batch, uint32_t height,
                        uint32_t width, uint64_t channels) {
  uint64_t row = uint64_t(width - 1) * map.pixelStride + channels;
  uint64_t all = uint64_t(height - 1) * map.rowStride + row;
  return (width == 1 || map.pixelStride >= channels) &&
         (height == 1 || map.rowStride >= row) &&
         (batch == 1 || map.batchStride >= all);
}

inline const char *checkExtents(const Command &c) {
  for (uint32_t extent :
       {c.batch, c.height, c.width, c.channels, c.groups, c.depth,
        c.inputHeight, c.inputWidth, c.kernelHeight, c.kernelWidth, c.strideY,
        c.strideX, c.dilationY, c.dilationX, c.poolHeight, c.poolWidth,
        c.poolStrideY, c.poolStrideX})
    if (!inRange(extent, 1, kMaxExtent))
      return "a length or stride is 0 or above 2^20";
  if (c.padTop > kMaxExtent || c.padLeft > kMaxExtent)
    return "a padding is above 2^20";
  if (uint64_t(c.groups) * c.channels > kMaxExtent ||
      uint64_t(c.groups) * c.depth > kMaxExtent)
    return "more than 2^20 channels";
  return nullptr;
}

inline bool isZero(const FeatureMap &map) {
  return !map.base && !map.batchStride && !map.rowStride && !map.pixelStride;
}

inline bool hasNoWindow(const Command &c) {
  return c.kernelHeight == 1 && c.kernelWidth == 1 && c.strideY == 1 &&
         c.strideX == 1 && c.dilationY == 1 && c.dilationX == 1 &&
         c.padTop == 0 && c.padLeft == 0 && c.inputHeight == c.height &&
         c.inputWidth == c.width;
}

inline const char *checkUnused(const Command &c) {
  for (uint32_t word : c.reserved)
    if (word)
      return "a reserved word is not 0";
  bool gemm = c.kind == Kind::Gemm, add = c.kind == Kind::Add;
  if (!gemm &&
      (c.groups != 1 || c.depth != 1 || c.poolHeight != 1 || c.poolWidth != 1 ||
       c.poolStrideY != 1 || c.poolStrideX != 1 || c.weightBase || c.tableBase))
    return "a field of Gemm is set in another kind";
  if (!add && (!isZero(c.second) || c.factors[1]))
    return "a field of Add is set in another kind";
  if (add && !hasNoWindow(c))
    return "an Add has a window";
  if ((gemm || c.kind == Kind::MaxPool) && (c.factors[0] || c.shift))
    return "a factor is set in a kind without one";
  return nullptr;
}

inline const char *checkRequantisation(const Command &c) {
  for (int32_t factor : c.factors)
    if (factor <= -kFactorLimit || factor >= kFactorLimit)
      return "a factor does not fit 15 bits";
  if (c.shift > kMaxShift)
    return "a shift is above 47";
  if (c.clampMin < -kMaxMagnitude || c.clampMin > c.clampMax ||
      c.clampMax > kMaxMagnitude)
    return "the clamp does not lie in [-127, 127]";
  return nullptr;
}

/// Every window of a pool has a position inside the feature map: the maximum of
/// none is not defined.
inline bool windowsTouchInput(const Command &c) {
  auto touches = [](uint64_t outputs, uint64_t stride, uint64_t kernel,
                    uint64_t dilation, uint64_t pad, uint64_t size) {
    // A dilated window that starts in the padding could step over the feature
    // map.
    return (dilation == 1 || pad == 0) && kernel > pad &&
           (outputs - 1) * stride < size + pad;
  };
  return touches(c.height, c.strideY, c.kernelHeight, c.dilationY, c.padTop,
                 c.inputHeight) &&
         touches(c.width, c.strideX, c.kernelWidth, c.dilationX, c.padLeft,
                 c.inputWidth);
}

inline const char *checkMaps(const Command &c, uint64_t memoryBytes) {
  bool gemm = c.kind == Kind::Gemm;
  uint64_t channelsIn = gemm ? uint64_t(c.groups) * c.depth : c.channels;
  uint64_t channelsOut = uint64_t(c.groups) * c.channels;
  uint64_t in =
      endOf(c.input, c.batch, c.inputHeight, c.inputWidth, channelsIn);
  uint64_t out = endOf(c.output, c.batch, c.height, c.width, channelsOut);
  if (in > memoryBytes)
    return "the input exceeds activation memory";
  if (out > memoryBytes)
    return "the output exceeds activation memory";
  if (!isInjective(c.output, c.batch, c.height, c.width, channelsOut))
    return "the output overlaps itself";
  if (!disjoint(c.output, out, channelsOut, c.input, in, channelsIn))
    return "the output overlaps the input";
  if (c.kind != Kind::Add)
    return nullptr;
  uint64_t second = endOf(c.second, c.batch, c.height, c.width, c.channels);
  if (second > memoryBytes)
    return "the second input exceeds activation memory";
  if (!disjoint(c.output, out, channelsOut, c.second, second, c.channels))
    return "the output overlaps the second input";
  return nullptr;
}

inline const char *checkWeights(const Command &c, const uint8_t *weights,
                                uint64_t weightBytes) {
  uint64_t window = uint64_t(c.kernelHeight) * c.kernelWidth;
  if (window > kMaxDepth || window * c.depth > kMaxDepth)
    return "a sum is longer than 2^15";
  if (c.kind != Kind::Gemm)
    return nullptr;
  uint64_t packed = c.groups * packedGroupBytes(window * c.depth, c.channels);
  uint64_t channels = uint64_t(c.groups) * c.channels;
  if (c.weightBase + packed > weightBytes)
    return "the weights exceed weight memory";
  if (c.tableBase % sizeof(ChannelEntry) ||
      c.tableBase + channels * sizeof(ChannelEntry) > weightBytes)
    return "the channel table exceeds weight memory or is not aligned";
  for (uint64_t i = 0; i < channels; ++i) {
    ChannelEntry entry;
    std::memcpy(&entry, weights + c.tableBase + i * sizeof(entry),
                sizeof(entry));
    if (!isValid(entry))
      return "an entry of the channel table is out of range";
  }
  return nullptr;
}

inline const char *checkCommand(const Command &c, const StreamHeader &header,
                                const uint8_t *weights) {
  if (!inRange(static_cast<uint32_t>(c.kind), 1, 4))
    return "there is no such kind";
  if (c.layer >= header.numLayers)
    return "the layer's index is out of range";
  if (const char *reason = checkExtents(c))
    return reason;
  if (const char *reason = checkUnused(c))
    return reason;
  if (const char *reason = checkRequantisation(c))
    return reason;
  if (c.kind == Kind::MaxPool && !windowsTouchInput(c))
    return "a window lies outside the feature map";
  if (const char *reason = checkMaps(c, header.memoryBytes))
    return reason;
  return checkWeights(c, weights, header.weightBytes);
}

inline const char *checkBinding(const Binding &b, uint64_t memoryBytes) {
  if (b.type != BindingType::F32 && b.type != BindingType::I8)
    return "there is no such element type";
  if (b.reserved[0] || b.reserved[1])
    return "a reserved word is not 0";
  if (!std::isfinite(b.scale) || !(b.scale > 0))
    return "the scale is not a positive number";
  for (uint32_t extent : {b.batch, b.channels, b.height, b.width})
    if (!inRange(extent, 1, kMaxExtent))
      return "a length is 0 or above 2^20";
  if (endOf(b.map, b.batch, b.height, b.width, b.channels) > memoryBytes)
    return "the feature map exceeds activation memory";
  return nullptr;
}

inline const char *checkHeader(const StreamHeader &h, uint64_t size,
                               uint64_t weightBytes) {
  if (h.magic != kMagic)
    return "not a gemm stream";
  if (h.version != kAbiVersion)
    return "made for another version of the engine";
  if (h.arrayRows != kArrayRows || h.arrayCols != kArrayCols)
    return "made for another size of the array";
  for (uint32_t word : h.reserved)
    if (word)
      return "a reserved word is not 0";
  uint64_t bindings = uint64_t(h.numInputs) + h.numOutputs;
  if (size != sizeof(h) + bindings * sizeof(Binding) +
                  uint64_t(h.numCommands) * sizeof(Command))
    return "its size does not fit its counts";
  if (h.weightBytes != weightBytes)
    return "its weights have another size";
  return nullptr;
}

} // namespace detail

/// Looks at `size` bytes of a stream, which start on a multiple of 8, and the
/// weights that belong to it. On success `stream` points into the bytes.
inline Fault validate(const void *bytes, uint64_t size, const uint8_t *weights,
                      uint64_t weightBytes, Stream &stream) {
  if (size < sizeof(StreamHeader) || reinterpret_cast<uintptr_t>(bytes) % 8)
    return {"too short for a header, or not aligned", -1};
  auto *header = static_cast<const StreamHeader *>(bytes);
  if (const char *reason = detail::checkHeader(*header, size, weightBytes))
    return {reason, -1};
  stream.header = header;
  stream.bindings = reinterpret_cast<const Binding *>(header + 1);
  uint64_t numBindings = uint64_t(header->numInputs) + header->numOutputs;
  stream.commands =
      reinterpret_cast<const Command *>(stream.bindings + numBindings);
  for (uint64_t i = 0; i < numBindings; ++i)
    if (const char *reason =
            detail::checkBinding(stream.bindings[i], header->memoryBytes))
      return {reason, int64_t(i)};
  for (uint32_t i = 0; i < header->numCommands; ++i)
    if (const char *reason =
            detail::checkCommand(stream.commands[i], *header, weights))
      return {reason, i};
  return {};
}

} // namespace lcp::gemm

#endif // LCP_TARGETS_GEMM_ABI_VALIDATE_H
