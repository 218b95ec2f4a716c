//===- ExecutableImage.h - Code out of a bundle -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_EXECUTABLEIMAGE_H
#define LCP_RUNTIME_PLATFORM_EXECUTABLEIMAGE_H

#include "common/base/Span.h"
#include "common/base/Status.h"

namespace lcp::rt {

/// Bytes mapped read-execute, page-aligned, from a sealed copy. No page of them
/// is ever writable, in this process or in another one, once it is executable.
class ExecutableImage {
public:
  static Result<ExecutableImage> create(ByteSpan code);
  ~ExecutableImage();
  ExecutableImage(ExecutableImage &&other) noexcept;
  ExecutableImage &operator=(ExecutableImage &&other) noexcept;

  const std::byte *base() const { return data; }
  size_t size() const { return bytes; }

private:
  ExecutableImage() = default;

  const std::byte *data = nullptr;
  size_t bytes = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_EXECUTABLEIMAGE_H
