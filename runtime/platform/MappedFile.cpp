//===- MappedFile.cpp - A file as memory ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/MappedFile.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
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

/// Where the links at `path` lead, though nothing need be there yet: a link's
/// target is replaced, not the link.
static std::string followLinks(std::string path) {
  char target[PATH_MAX];
  for (int links = 0; links < 40; ++links) {
    ssize_t size = ::readlink(path.c_str(), target, sizeof(target));
    if (size < 0 || size == sizeof(target))
      break;
    std::string next(target, size);
    size_t slash = path.rfind('/');
    path = next[0] == '/' || slash == std::string::npos
               ? next
               : path.substr(0, slash + 1) + next;
  }
  return path;
}

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

Result<OutputFile> OutputFile::create(const std::string &path) {
  OutputFile file;
  file.path = path;
  struct stat there;
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    // A rename would put a file in the place of /dev/null.
    file.descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return file.descriptor < 0 ? Result<OutputFile>(file.failure("open"))
                               : Result<OutputFile>(std::move(file));
  }
  file.path = followLinks(path);
  std::string temporary = file.path + ".XXXXXX";
  file.descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file.descriptor < 0)
    return file.failure("create");
  file.temporary = temporary;
  // mkostemp makes it private; give it what an ordinary new file would have.
  mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(file.descriptor, 0666 & ~mask);
  return file;
}

OutputFile::~OutputFile() {
  if (descriptor >= 0)
    ::close(descriptor);
  if (!temporary.empty())
    ::unlink(temporary.c_str());
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : path(std::move(other.path)),
      temporary(std::exchange(other.temporary, std::string())),
      descriptor(std::exchange(other.descriptor, -1)), written(other.written) {}

Status OutputFile::failure(const char *what) const {
  return Status(errno == ENOSPC ? StatusCode::ResourceExhausted
                                : StatusCode::InvalidArgument,
                std::string("cannot ") + what + " '" + path + "': " + reason());
}

Status OutputFile::write(ByteSpan bytes) {
  LCP_RETURN_IF_ERROR(writeAt(written, bytes));
  written += bytes.size();
  return {};
}

Status OutputFile::writeAt(uint64_t offset, ByteSpan bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    // A pipe has no offsets.
    ssize_t count =
        temporary.empty()
            ? ::write(descriptor, bytes.data() + done, bytes.size() - done)
            : ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                       offset + done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return failure("write");
    done += count;
  }
  return {};
}

Status OutputFile::commit() {
  if (::close(std::exchange(descriptor, -1)) != 0 ||
      (!temporary.empty() && ::rename(temporary.c_str(), path.c_str()) != 0))
    return failure("write");
  temporary.clear();
  return {};
}

} // namespace lcp::rt
