//===- MappedFile.cpp - A file as memory ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <utility>

namespace lcp::rt {

Result<MappedFile> MappedFile::open(const std::string &path) {
  LCP_ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
  return map(file);
}

Result<MappedFile> MappedFile::map(const InputFile &file) {
  MappedFile result;
  if (file.size() == 0)
    return result;
  void *memory = ::mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE,
                        file.descriptor(), 0);
  if (memory == MAP_FAILED)
    return Status(StatusCode::ResourceExhausted,
                  "cannot map '" + file.path() + "': " + std::strerror(errno));
  result.data = static_cast<const std::byte *>(memory);
  result.size = file.size();
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
