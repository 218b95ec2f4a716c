//===- MappedFile.h - A file as memory --------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_MAPPEDFILE_H
#define LCP_RUNTIME_PLATFORM_MAPPEDFILE_H

#include "runtime/platform/InputFile.h"

namespace lcp::rt {

/// A regular file mapped read-only. As with every mapping, a file that is
/// truncated while it is mapped kills the process that reads it, and one that
/// is written over changes what was read before: for short runs only. A server
/// reads an InputFile.
class MappedFile {
public:
  MappedFile() = default;
  /// An empty file gives an empty span.
  static Result<MappedFile> open(const std::string &path);
  static Result<MappedFile> map(const InputFile &file);
  ~MappedFile();
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;

  ByteSpan bytes() const { return {data, size}; }

private:
  const std::byte *data = nullptr;
  size_t size = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_MAPPEDFILE_H
