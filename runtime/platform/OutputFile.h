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

/// Writes a file that is either there whole or not at all. The bytes go to a
/// file without a name, where the file system has such (to one with a name
/// beside the target elsewhere), which gets its name when all of them are on
/// the disk. A file that is replaced hands its permissions on. Without commit()
/// nothing is left behind. A pipe or a device is written in place; a pipe needs
/// a reader by then.
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
  Status openInPlace(bool isPipe);
  Status openTemporary();
  bool openWithoutName();
  bool nameIt();
  std::string freeName() const;
  Status failure(const char *what) const;

  /// Of the target, and of what will be renamed to it, if that has a name.
  std::string path, temporary;
  /// A pipe or a device: there is nothing to rename.
  bool inPlace = false;
  int descriptor = -1;
  uint64_t written = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_OUTPUTFILE_H
