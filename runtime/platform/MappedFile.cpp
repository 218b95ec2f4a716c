//===- MappedFile.cpp - A file as memory ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lcp::rt {
namespace {

std::string reason() { return std::strerror(errno); }

/// A descriptor that closes itself.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0)
      ::close(value);
  }
};

} // namespace

Result<MappedFile> MappedFile::open(const std::string &path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0)
    return Status(errno == ENOENT ? StatusCode::NotFound
                                  : StatusCode::InvalidArgument,
                  "cannot open '" + path + "': " + reason());
  struct stat info;
  if (::fstat(file.value, &info) != 0)
    return Status(StatusCode::InvalidArgument,
                  "cannot read '" + path + "': " + reason());
  if (!S_ISREG(info.st_mode))
    return Status(StatusCode::InvalidArgument,
                  "'" + path + "' is not a regular file");
  MappedFile result;
  if (info.st_size == 0)
    return result;
  void *memory =
      ::mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (memory == MAP_FAILED)
    return Status(StatusCode::ResourceExhausted,
                  "cannot map '" + path + "': " + reason());
  result.data = static_cast<const std::byte *>(memory);
  result.size = info.st_size;
  return result;
}

MappedFile::~MappedFile() {
  if (data)
    ::munmap(const_cast<std::byte *>(data), size);
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : data(std::exchange(other.data, nullptr)),
      size(std::exchange(other.size, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(data, other.data);
  std::swap(size, other.size);
  return *this;
}

} // namespace lcp::rt
