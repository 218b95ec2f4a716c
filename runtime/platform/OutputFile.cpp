//===- OutputFile.cpp - A file that is there whole or not at all ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/OutputFile.h"

#include <cerrno>
#include <climits>
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

static std::string folderOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Result<OutputFile> OutputFile::create(const std::string &path) {
  OutputFile file;
  file.path = path;
  struct stat there;
  const bool exists = ::stat(path.c_str(), &there) == 0;
  if (exists && !S_ISREG(there.st_mode)) {
    // A rename would put a file in the place of /dev/null.
    file.inPlace = true;
    LCP_RETURN_IF_ERROR(file.openInPlace(S_ISFIFO(there.st_mode)));
    return file;
  }
  file.path = followLinks(path);
  LCP_RETURN_IF_ERROR(file.openTemporary());
  if (exists) {
    // The owner too where we may; root would otherwise take the file away.
    if (::fchown(file.descriptor, there.st_uid, there.st_gid) != 0)
      errno = 0;
    if (::fchmod(file.descriptor, there.st_mode & 0777) != 0)
      return file.failure("create");
  }
  return file;
}

Status OutputFile::openInPlace(bool isPipe) {
  // Without O_NONBLOCK a pipe would wait for somebody to read it.
  descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && errno == ENXIO && isPipe)
    return Status(StatusCode::InvalidArgument,
                  "cannot open '" + path + "': nobody reads this pipe");
  if (descriptor < 0 ||
      ::fcntl(descriptor, F_SETFL,
              ::fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) != 0)
    return failure("open");
  return {};
}

Status OutputFile::openTemporary() {
  if (openWithoutName())
    return {};
  std::string name = freeName();
  descriptor =
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return failure("create");
  temporary = std::move(name);
  return {};
}

bool OutputFile::openWithoutName() {
  // nameIt() needs it.
  if (::access("/proc/self/fd", X_OK) != 0)
    return false;
  descriptor =
      ::open(folderOf(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  return descriptor >= 0;
}

/// No other process of this machine takes the name; on a shared file system
/// the open or the link is refused.
std::string OutputFile::freeName() const {
  std::string name;
  for (unsigned i = 0; name.empty() || ::access(name.c_str(), F_OK) == 0; ++i)
    name = path + "." + std::to_string(::getpid()) + "-" + std::to_string(i) +
           ".tmp";
  return name;
}

/// A link does not replace what is there, as a rename does.
bool OutputFile::nameIt() {
  std::string self = "/proc/self/fd/" + std::to_string(descriptor);
  std::string name = freeName();
  if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(),
               AT_SYMLINK_FOLLOW) != 0)
    return false;
  temporary = std::move(name);
  return true;
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
      inPlace(other.inPlace), descriptor(std::exchange(other.descriptor, -1)),
      written(other.written) {}

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
        inPlace ? ::write(descriptor, bytes.data() + done, bytes.size() - done)
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

/// The name in its folder too: after a power cut it would be missing otherwise.
static void syncFolder(const std::string &folder) {
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  ::fsync(descriptor);
  ::close(descriptor);
}

Status OutputFile::commit() {
  if (!inPlace) {
    // Bytes before the name: a power cut leaves the old file or the new one.
    if (::fsync(descriptor) != 0 || (temporary.empty() && !nameIt()) ||
        ::rename(temporary.c_str(), path.c_str()) != 0)
      return failure("write");
    temporary.clear();
    syncFolder(folderOf(path));
  }
  if (::close(std::exchange(descriptor, -1)) != 0)
    return failure("write");
  return {};
}

} // namespace lcp::rt
