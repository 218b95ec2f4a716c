//===- InputFile.h - A file to read by pieces -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_INPUTFILE_H
#define LCP_RUNTIME_PLATFORM_INPUTFILE_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <string>

namespace lcp::rt {

/// A regular file, open for reading. Whatever another process does to the file
/// meanwhile, reading it ends in bytes or in an error.
class InputFile {
public:
  InputFile() = default;
  static Result<InputFile> open(const std::string &path);
  ~InputFile();
  InputFile(InputFile &&other) noexcept;
  InputFile &operator=(InputFile &&other) noexcept;

  /// In bytes, when it was opened.
  uint64_t size() const { return size_; }
  const std::string &path() const { return path_; }
  int descriptor() const { return descriptor_; }

  /// Copies as many bytes as `to` has, from `offset` on. Fails with Corrupt if
  /// the file has become too short for that.
  Status read(uint64_t offset, Span<std::byte> to) const;

private:
  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_INPUTFILE_H
