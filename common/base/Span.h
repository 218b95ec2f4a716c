//===- Span.h - A view of contiguous elements -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_SPAN_H
#define LCP_COMMON_BASE_SPAN_H

#include <cassert>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace lcp {

/// Elements that somebody else owns. (C++17 has no std::span.)
template <typename T> class Span {
public:
  constexpr Span() = default;
  constexpr Span(T *data, size_t size) : data_(data), size_(size) {}
  template <size_t N> constexpr Span(T (&array)[N]) : data_(array), size_(N) {}
  template <typename U, typename = std::enable_if_t<
                            std::is_convertible_v<U (*)[], T (*)[]>>>
  constexpr Span(Span<U> other) : data_(other.data()), size_(other.size()) {}
  Span(std::vector<std::remove_const_t<T>> &v)
      : data_(v.data()), size_(v.size()) {}
  template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
  Span(const std::vector<std::remove_const_t<U>> &v)
      : data_(v.data()), size_(v.size()) {}

  constexpr T *data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T *begin() const { return data_; }
  constexpr T *end() const { return data_ + size_; }
  constexpr T &operator[](size_t i) const {
    assert(i < size_);
    return data_[i];
  }
  constexpr Span subspan(size_t offset, size_t count) const {
    assert(offset <= size_ && count <= size_ - offset);
    return Span(data_ + offset, count);
  }

private:
  T *data_ = nullptr;
  size_t size_ = 0;
};

/// Read-only memory, e.g. a part of a mapped file.
using ByteSpan = Span<const std::byte>;

} // namespace lcp

#endif // LCP_COMMON_BASE_SPAN_H
