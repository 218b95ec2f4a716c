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

/// The files that one run of a tool writes: in the end all of them are there,
/// or none. Each is written under a temporary name in its own folder and
/// renamed by commit(); until then, an older file keeps its place. Symbolic
/// links are followed.
///
/// Pipes, devices and "-" (standard output) are written directly, as there is
/// nothing in them to keep.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  OutputFiles &operator=(const OutputFiles &) = delete;
  /// Removes files that were not committed.
  ~OutputFiles();

  /// The stream of a new file, which lives as long as this object. Refuses a
  /// folder, a file that may not be written, and one that is open already.
  llvm::Expected<llvm::raw_ostream &> open(llvm::StringRef path);

  /// Gives the files their names, once every byte of all of them is written. If
  /// a rename fails nevertheless, the files before it stay.
  llvm::Error commit();

private:
  struct File {
    /// The path as it was given, and where its links lead.
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
