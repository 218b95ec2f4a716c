//===- ExternalFiles.cpp - Tensor data beside a model ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReaderImpl.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lcp::onnx {

ExternalFiles::~ExternalFiles() {
  for (auto &[location, file] : files)
    if (file.descriptor >= 0)
      ::close(file.descriptor);
}

/// The components of a relative path, or empty where it may not be followed.
static std::vector<std::string> splitPath(const std::string &location) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= location.size()) {
    size_t end = std::min(location.find('/', begin), location.size());
    std::string part = location.substr(begin, end - begin);
    if (part.empty() || part == ".." || part.find('\0') != std::string::npos)
      return {};
    if (part != ".")
      parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

/// Opens `parts` one after the other below `folder`; a descriptor or -1.
static int openBeneath(const std::string &folder,
                       const std::vector<std::string> &parts) {
  // The folder itself is the user's choice: it may be a link.
  int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (size_t i = 0; i < parts.size() && at >= 0; ++i) {
    // Not blocking: a path that names a pipe must not hang.
    int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    if (i + 1 != parts.size())
      flags |= O_DIRECTORY;
    int next = ::openat(at, parts[i].c_str(), flags);
    int saved = errno;
    ::close(at);
    errno = saved;
    at = next;
  }
  return at;
}

ExternalFiles::File *ExternalFiles::open(const std::string &location,
                                         std::string &reason) {
  auto found = files.find(location);
  if (found != files.end())
    return &found->second;
  std::string shown = "external data file '" + printable(location) + "'";
  if (folder.empty()) {
    reason = shown + " is not allowed here";
    return nullptr;
  }
  std::vector<std::string> parts = splitPath(location);
  if (parts.empty()) {
    reason = shown + " is not a plain relative path; external data must lie "
                     "within the model's folder";
    return nullptr;
  }
  File file;
  file.descriptor = openBeneath(folder, parts);
  if (file.descriptor < 0) {
    reason = shown + (errno == ELOOP || errno == ENOTDIR
                          ? " is reached through a symbolic link or a file"
                          : std::string(": ") + std::strerror(errno));
    return nullptr;
  }
  struct stat info;
  if (::fstat(file.descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(file.descriptor);
    reason = shown + " is not a regular file";
    return nullptr;
  }
  file.size = static_cast<uint64_t>(info.st_size);
  return &files.emplace(location, file).first->second;
}

std::optional<uint64_t> ExternalFiles::fileSize(const std::string &location,
                                                std::string &reason) {
  if (File *file = open(location, reason))
    return file->size;
  return std::nullopt;
}

std::shared_ptr<char> ExternalFiles::read(const std::string &location,
                                          uint64_t offset, uint64_t size,
                                          std::string &reason) {
  File *file = open(location, reason);
  if (!file)
    return nullptr;
  auto &range = ranges[{location, offset, size}];
  if (range)
    return range;
  std::string shown = "external data file '" + printable(location) + "'";
  if (offset > file->size || size > file->size - offset) {
    reason = shown + " has " + std::to_string(file->size) +
             " bytes; the tensor needs " + std::to_string(size) +
             " from byte " + std::to_string(offset);
    return nullptr;
  }
  if (size > file->size - file->bytesRead) {
    reason = shown + " is read more than once in overlapping ranges";
    return nullptr;
  }
  std::shared_ptr<char> data = allocateTensorData(size);
  for (uint64_t done = 0; done < size;) {
    ssize_t got = ::pread(file->descriptor, data.get() + done, size - done,
                          static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      reason = shown + ": " + (got < 0 ? std::strerror(errno) : "it shrank");
      return nullptr;
    }
    done += static_cast<uint64_t>(got);
  }
  file->bytesRead += size;
  return range = std::move(data);
}

} // namespace lcp::onnx
