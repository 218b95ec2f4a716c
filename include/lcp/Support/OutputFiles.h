//===- OutputFiles.h - Files that are all written or none ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SUPPORT_OUTPUTFILES_H
#define LCP_SUPPORT_OUTPUTFILES_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>
#include <memory>
#include <string>

namespace mlir::lcp {

/// The files that one run of a tool writes: all there in the end, or none. Each
/// is written under a temporary name beside its place and gets its own name in
/// commit(); what stood there stays until then. A symbolic link is followed.
///
/// What has no content to keep, a pipe, a device or "-" for standard output, is
/// written at once.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  OutputFiles &operator=(const OutputFiles &) = delete;
  /// Removes what was not committed.
  ~OutputFiles();

  /// A new file's stream, which lives as long as this. Refuses a folder, a file
  /// without permission to write, and one that is opened already.
  llvm::Expected<llvm::raw_ostream &> open(llvm::StringRef path);

  /// Gives the files their names if every byte was written. Only a rename that
  /// fails after that leaves those before it in place.
  llvm::Error commit();

private:
  struct File {
    /// As it was given, and where links lead to.
    std::string path, place;
    std::optional<llvm::sys::fs::TempFile> temporary;
    std::unique_ptr<llvm::raw_fd_ostream> owned;
    llvm::raw_fd_ostream *stream = nullptr;
  };
  llvm::Error openFile(File &file);
  llvm::Error openInPlace(File &file);
  llvm::Error openTemporary(File &file);

  std::deque<File> files;
};

} // namespace mlir::lcp

#endif // LCP_SUPPORT_OUTPUTFILES_H
