//===- Tensor.cpp - Element types, shapes, aligned memory -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Tensor.h"

#include "common/base/Arithmetic.h"

#include <cstdlib>
#include <cstring>

namespace lcp {

size_t elementSize(ElementType type) { return type == ElementType::I8 ? 1 : 4; }

std::string_view elementTypeName(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return "f32";
  case ElementType::I8:
    return "i8";
  case ElementType::I32:
    return "i32";
  }
  return "unknown";
}

Result<uint64_t> elementCount(Span<const int64_t> shape) {
  uint64_t count = 1;
  for (int64_t dim : shape) {
    if (dim < 0)
      return Status(StatusCode::InvalidArgument, "a dimension is negative");
    std::optional<uint64_t> product = checkedMul(count, dim);
    if (!product || *product > INT64_MAX)
      return Status(StatusCode::InvalidArgument,
                    "the product of a shape does not fit 63 bits");
    count = *product;
  }
  return count;
}

Result<uint64_t> byteSize(const TensorSpec &spec) {
  LCP_ASSIGN_OR_RETURN(uint64_t count, elementCount(spec.shape));
  std::optional<uint64_t> bytes = checkedMul(count, elementSize(spec.type));
  if (!bytes || *bytes > INT64_MAX)
    return Status(StatusCode::InvalidArgument,
                  "the size of a tensor does not fit 63 bits");
  return *bytes;
}

std::string toString(const TensorSpec &spec) {
  std::string text;
  for (int64_t dim : spec.shape)
    text.append(std::to_string(dim)).append("x");
  return text.append(elementTypeName(spec.type));
}

void AlignedBuffer::Free::operator()(std::byte *memory) const {
  std::free(memory);
}

Result<AlignedBuffer> AlignedBuffer::allocate(uint64_t size) {
  // aligned_alloc wants a multiple of the alignment.
  std::optional<uint64_t> rounded;
  if (std::optional<uint64_t> all = checkedAdd(size, tensorSlack))
    rounded = checkedAlignUp(*all, tensorAlignment);
  void *memory = rounded && *rounded <= PTRDIFF_MAX
                     ? std::aligned_alloc(tensorAlignment, *rounded)
                     : nullptr;
  if (!memory)
    return Status(StatusCode::ResourceExhausted,
                  "no memory for " + std::to_string(size) + " bytes");
  std::memset(memory, 0, *rounded);
  AlignedBuffer buffer;
  buffer.memory_.reset(static_cast<std::byte *>(memory));
  buffer.size_ = size;
  return buffer;
}

} // namespace lcp
