//===- ExecutableImage.cpp - Code out of a bundle -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/ExecutableImage.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace lcp::rt {
namespace {

Status failure(const char *what) {
  return Status(StatusCode::ResourceExhausted,
                std::string("cannot ") + what +
                    " memory for code: " + std::strerror(errno));
}

Status writeAll(int file, ByteSpan bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t count = ::write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return failure("fill");
    done += count;
  }
  return {};
}

/// Copies, seals and maps; the descriptor is the caller's to close.
Result<const std::byte *> sealAndMap(int file, ByteSpan code) {
  LCP_RETURN_IF_ERROR(writeAll(file, code));
  constexpr int seals =
      F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(file, F_ADD_SEALS, seals) != 0)
    return failure("seal");
  void *memory =
      ::mmap(nullptr, code.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED)
    return failure("map");
  return static_cast<const std::byte *>(memory);
}

} // namespace

Result<ExecutableImage> ExecutableImage::create(ByteSpan code) {
  if (code.empty())
    return Status(StatusCode::Corrupt, "the code is empty");
  int file = ::memfd_create("lcp-code", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0)
    return failure("create");
  Result<const std::byte *> memory = sealAndMap(file, code);
  ::close(file);
  if (!memory.ok())
    return std::move(memory).status();
  ExecutableImage image;
  image.data = *memory;
  image.bytes = code.size();
  // Arm: the instruction cache does not see what the data cache wrote.
  char *begin = reinterpret_cast<char *>(const_cast<std::byte *>(image.data));
  __builtin___clear_cache(begin, begin + image.bytes);
  return image;
}

ExecutableImage::~ExecutableImage() {
  if (data)
    ::munmap(const_cast<std::byte *>(data), bytes);
}

ExecutableImage::ExecutableImage(ExecutableImage &&other) noexcept
    : data(std::exchange(other.data, nullptr)),
      bytes(std::exchange(other.bytes, 0)) {}

ExecutableImage &ExecutableImage::operator=(ExecutableImage &&other) noexcept {
  std::swap(data, other.data);
  std::swap(bytes, other.bytes);
  return *this;
}

} // namespace lcp::rt
