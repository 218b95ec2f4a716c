//===- TextFile.cpp - Small files that are read whole ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/TextFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lcp;

static constexpr size_t largestTextFile = size_t(64) << 20;

static Status failure() {
  return Status(errno == ENOENT ? StatusCode::NotFound
                                : StatusCode::InvalidArgument,
                std::strerror(errno));
}

static Result<std::string> readOpened(int descriptor) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0)
    return failure();
  if (!S_ISREG(info.st_mode))
    return Status(StatusCode::InvalidArgument, S_ISDIR(info.st_mode)
                                                   ? "it is a folder"
                                                   : "not a regular file");
  std::string text;
  char buffer[1 << 16];
  // The size is not believed: it may grow meanwhile.
  while (text.size() <= largestTextFile) {
    const ssize_t count = ::read(descriptor, buffer, sizeof(buffer));
    if (count == 0)
      return text;
    if (count < 0 && errno != EINTR)
      return failure();
    text.append(buffer, size_t(count < 0 ? 0 : count));
  }
  return Status(StatusCode::InvalidArgument, "it has more than 64 MiB");
}

Result<std::string> lcp::readTextFile(const std::string &path) {
  // Without O_NONBLOCK a named pipe would be waited for.
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return failure();
  Result<std::string> text = readOpened(descriptor);
  ::close(descriptor);
  return text;
}
