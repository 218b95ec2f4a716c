//===- OutputFiles.cpp - Files that are all written or none ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Support/OutputFiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

using namespace mlir::lcp;
namespace fs = llvm::sys::fs;

static llvm::Error cannotWrite(llvm::StringRef path, const llvm::Twine &why) {
  return llvm::createStringError("cannot write '" + path + "': " + why);
}

/// Where the links at `path` lead, whether or not something is there yet.
static llvm::Expected<std::string> followLinks(llvm::StringRef path) {
  llvm::SmallString<128> place(path);
  for (int links = 0; fs::is_symlink_file(place); ++links) {
    char target[PATH_MAX];
    ssize_t size = ::readlink(place.c_str(), target, sizeof(target));
    if (size < 0 || size == sizeof(target) || links == 40)
      return cannotWrite(path, "its links lead nowhere");
    llvm::StringRef next(target, size);
    if (llvm::sys::path::is_absolute(next)) {
      place = next;
    } else {
      llvm::sys::path::remove_filename(place);
      llvm::sys::path::append(place, next);
    }
  }
  return place.str().str();
}

OutputFiles::~OutputFiles() {
  for (File &file : files) {
    if (file.owned) {
      file.owned->clear_error();
      file.owned.reset();
    }
    if (file.temporary)
      llvm::consumeError(file.temporary->discard());
  }
}

// For what has no length to truncate: pipes and devices.
llvm::Error OutputFiles::openInPlace(File &file) {
  std::error_code problem;
  file.owned = std::make_unique<llvm::raw_fd_ostream>(
      file.path, problem, fs::CD_OpenExisting, fs::FA_Write, fs::OF_None);
  file.stream = file.owned.get();
  return problem ? cannotWrite(file.path, problem.message())
                 : llvm::Error::success();
}

llvm::Error OutputFiles::openTemporary(File &file) {
  llvm::Expected<std::string> place = followLinks(file.path);
  if (!place)
    return place.takeError();
  file.place = std::move(*place);
  if (fs::exists(file.place))
    if (std::error_code problem = fs::access(file.place, fs::AccessMode::Write))
      return cannotWrite(file.path, problem.message());
  if (llvm::any_of(files, [&](const File &other) {
        return other.place == file.place ||
               fs::equivalent(other.place, file.place);
      }))
    return cannotWrite(file.path, "two outputs have this name");
  auto created = fs::TempFile::create(file.place + ".%%%%%%.tmp");
  if (!created)
    return cannotWrite(file.path, llvm::toString(created.takeError()));
  file.temporary = std::move(*created);
  // A file that is replaced hands its permissions on.
  fs::file_status replaced;
  if (!fs::status(file.place, replaced))
    if (std::error_code problem =
            fs::setPermissions(file.temporary->FD, replaced.permissions()))
      return cannotWrite(file.path, problem.message());
  file.owned = std::make_unique<llvm::raw_fd_ostream>(file.temporary->FD,
                                                      /*shouldClose=*/false);
  file.stream = file.owned.get();
  return llvm::Error::success();
}

llvm::Error OutputFiles::openFile(File &file) {
  fs::file_status status;
  fs::status(file.path, status);
  // Opened by its name, a redirected /dev/stdout would be written from its
  // start, over what the shell has appended.
  if (file.path == "-" || file.path == "/dev/stdout") {
    file.stream = &llvm::outs();
    return llvm::Error::success();
  }
  if (fs::is_directory(status))
    return cannotWrite(file.path, "it is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status))
    return openInPlace(file);
  return openTemporary(file);
}

llvm::Expected<llvm::raw_ostream &> OutputFiles::open(llvm::StringRef path) {
  File file;
  file.path = path.str();
  if (llvm::Error problem = openFile(file))
    return std::move(problem);
  files.push_back(std::move(file));
  return *files.back().stream;
}

/// Gives a file its name once its bytes are on the disk, and waits until its
/// folder is there too: a power cut leaves the old file or the new one.
static llvm::Error publish(fs::TempFile &temporary, llvm::StringRef place) {
  if (::fsync(temporary.FD) != 0)
    return llvm::errorCodeToError(
        std::error_code(errno, std::generic_category()));
  if (llvm::Error problem = temporary.keep(place))
    return problem;
  llvm::StringRef folder = llvm::sys::path::parent_path(place);
  int descriptor = ::open(folder.empty() ? "." : folder.str().c_str(),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
  return llvm::Error::success();
}

llvm::Error OutputFiles::commit() {
  for (File &file : files) {
    file.stream->flush();
    std::error_code problem = file.stream->error();
    file.stream->clear_error();
    if (problem)
      return cannotWrite(file.path, problem.message());
  }
  while (!files.empty()) {
    File file = std::move(files.front());
    files.pop_front();
    file.owned.reset();
    if (!file.temporary)
      continue;
    if (llvm::Error problem = publish(*file.temporary, file.place))
      return cannotWrite(file.path, llvm::toString(std::move(problem)));
  }
  return llvm::Error::success();
}
