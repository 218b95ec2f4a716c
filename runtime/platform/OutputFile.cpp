//===- OutputFile.cpp - A file that is there whole or not at all ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/OutputFile.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lcp::rt {

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
                std::string("cannot ") + what + " '" + path +
                    "': " + std::strerror(errno));
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
