//===- OutputFile.h - A file that is there whole or not at all --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_OUTPUTFILE_H
#define LCP_RUNTIME_PLATFORM_OUTPUTFILE_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <string>

namespace lcp::rt {

/// Writes a file that is either there whole or not at all: the bytes go to a
/// temporary file beside it, which commit() renames. Without commit() nothing
/// is left behind.
class OutputFile {
public:
  static Result<OutputFile> create(const std::string &path);
  ~OutputFile();
  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&) = delete;

  Status write(ByteSpan bytes);
  /// Writes at `offset` and leaves the end where it was.
  Status writeAt(uint64_t offset, ByteSpan bytes);
  /// Bytes written so far by write().
  uint64_t position() const { return written; }
  Status commit();

private:
  OutputFile() = default;
  Status failure(const char *what) const;

  std::string path, temporary;
  int descriptor = -1;
  uint64_t written = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_OUTPUTFILE_H
