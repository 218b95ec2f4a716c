//===- Tensor.h - Element types, shapes, aligned memory ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_TENSOR_H
#define LCP_COMMON_BASE_TENSOR_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lcp {

/// The values are those of the bundle's schema.
enum class ElementType : uint8_t { F32 = 0, I8 = 1, I32 = 2 };

/// Bytes of one element.
size_t elementSize(ElementType type);
/// "f32", "i8" or "i32".
std::string_view elementTypeName(ElementType type);

/// Every tensor and every block of memory that the runtime hands out starts on
/// a multiple of this many bytes.
constexpr size_t tensorAlignment = 64;

/// As many bytes may be read past the end of each of them: kernels load whole
/// vectors. What is there is no matter.
constexpr size_t tensorSlack = 64;

/// A name, a type and a static shape. Tensors are dense and row-major; images
/// are NCHW.
struct TensorSpec {
  std::string name;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// The product of the dimensions. Fails on a negative dimension and on one
/// that does not fit 63 bits.
Result<uint64_t> elementCount(Span<const int64_t> shape);

/// elementCount times elementSize, with the same failures.
Result<uint64_t> byteSize(const TensorSpec &spec);

/// "1x3x224x224xf32".
std::string toString(const TensorSpec &spec);

/// Zeroed memory, aligned to tensorAlignment, with tensorSlack behind it.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  static Result<AlignedBuffer> allocate(uint64_t size);

  std::byte *data() { return memory_.get(); }
  const std::byte *data() const { return memory_.get(); }
  size_t size() const { return size_; }
  Span<std::byte> bytes() { return {data(), size_}; }
  ByteSpan bytes() const { return {data(), size_}; }

private:
  struct Free {
    void operator()(std::byte *memory) const;
  };
  std::unique_ptr<std::byte, Free> memory_;
  size_t size_ = 0;
};

/// A tensor with memory of its own.
struct Tensor {
  TensorSpec spec;
  AlignedBuffer buffer;
};

} // namespace lcp

#endif // LCP_COMMON_BASE_TENSOR_H
