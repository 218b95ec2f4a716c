//===- InputFile.cpp - A file to read by pieces ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/InputFile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lcp::rt {

Result<InputFile> InputFile::open(const std::string &path) {
  InputFile file;
  file.path_ = path;
  // Without O_NONBLOCK a named pipe would be waited for.
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.descriptor_ < 0)
    return Status(errno == ENOENT ? StatusCode::NotFound
                                  : StatusCode::InvalidArgument,
                  "cannot open '" + path + "': " + std::strerror(errno));
  struct stat info;
  if (::fstat(file.descriptor_, &info) != 0)
    return Status(StatusCode::InvalidArgument,
                  "cannot read '" + path + "': " + std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return Status(StatusCode::InvalidArgument,
                  "'" + path + "' is not a regular file");
  file.size_ = uint64_t(info.st_size);
  return file;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

InputFile::InputFile(InputFile &&other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

InputFile &InputFile::operator=(InputFile &&other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

Status InputFile::read(uint64_t offset, Span<std::byte> to) const {
  // More than this at once is not read anyway (read(2)).
  constexpr size_t most = size_t(1) << 30;
  size_t done = 0;
  while (done < to.size()) {
    ssize_t count =
        ::pread(descriptor_, to.data() + done, std::min(most, to.size() - done),
                off_t(offset + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return Status(StatusCode::Corrupt,
                    "cannot read it: " + std::string(std::strerror(errno)));
    if (count == 0)
      return Status(StatusCode::Corrupt,
                    "the file became shorter while it was read");
    done += size_t(count);
  }
  return {};
}

} // namespace lcp::rt
