//===- OutputFileTest.cpp - Files that are there whole or not -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/OutputFile.h"

#include <csignal>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace lcp;
using namespace lcp::rt;

/// What the writer asks of the system, in order. They stand in for libc's.
static std::vector<std::string> calls;

extern "C" int fsync(int file) {
  struct stat info;
  fstat(file, &info);
  calls.push_back(S_ISDIR(info.st_mode) ? "sync folder" : "sync file");
  return int(syscall(SYS_fsync, file));
}

extern "C" int rename(const char *from, const char *to) noexcept {
  calls.push_back("rename");
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

namespace {

class OutputFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "lcp_output_XXXXXX";
    ASSERT_TRUE(mkdtemp(folder.data()));
    path = folder + "/file";
  }
  void TearDown() override {
    for (const std::string &name : names())
      ::unlink((folder + "/" + name).c_str());
    EXPECT_EQ(0, ::rmdir(folder.c_str()));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    DIR *directory = ::opendir(folder.c_str());
    while (dirent *entry = ::readdir(directory))
      if (entry->d_name[0] != '.')
        found.push_back(entry->d_name);
    ::closedir(directory);
    return found;
  }
  mode_t mode() const {
    struct stat info = {};
    EXPECT_EQ(0, ::stat(path.c_str(), &info));
    return info.st_mode & 07777;
  }
  std::string contents() const {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  /// Writes one byte.
  Status write(char byte) {
    LCP_ASSIGN_OR_RETURN(OutputFile file, OutputFile::create(path));
    LCP_RETURN_IF_ERROR(
        file.write({reinterpret_cast<const std::byte *>(&byte), 1}));
    return file.commit();
  }
  bool hasNamelessFiles() const {
    int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY, 0600);
    if (file >= 0)
      ::close(file);
    return file >= 0;
  }

  std::string folder, path;
};

TEST_F(OutputFileTest, LeavesNothingBehindWithoutCommit) {
  {
    Result<OutputFile> file = OutputFile::create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(
        file->write({reinterpret_cast<const std::byte *>("x"), 1}).ok());
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(OutputFileTest, LeavesNothingBehindWhenKilled) {
  if (!hasNamelessFiles())
    GTEST_SKIP() << "no O_TMPFILE on this file system";
  pid_t child = ::fork();
  if (child == 0) {
    Result<OutputFile> file = OutputFile::create(path);
    if (file.ok() &&
        file->write({reinterpret_cast<const std::byte *>("x"), 1}).ok())
      ::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(names().empty()) << names()[0];
}

TEST_F(OutputFileTest, KeepsThePermissions) {
  mode_t mask = ::umask(022);
  EXPECT_TRUE(write('a').ok());
  EXPECT_EQ(mode_t(0644), mode());
  for (mode_t wanted : {0600, 0640, 0666}) {
    ASSERT_EQ(0, ::chmod(path.c_str(), wanted));
    EXPECT_TRUE(write('b').ok());
    EXPECT_EQ(wanted, mode());
  }
  ::umask(077);
  ASSERT_EQ(0, ::unlink(path.c_str()));
  EXPECT_TRUE(write('c').ok());
  EXPECT_EQ(mode_t(0600), mode());
  ::umask(mask);
}

TEST_F(OutputFileTest, IsOnTheDiskBeforeItHasItsName) {
  ASSERT_TRUE(write('a').ok());
  calls.clear();
  ASSERT_TRUE(write('b').ok());
  EXPECT_EQ((std::vector<std::string>{"sync file", "rename", "sync folder"}),
            calls);
  EXPECT_EQ("b", contents());
  EXPECT_EQ(1u, names().size());
}

TEST_F(OutputFileTest, FollowsLinks) {
  ASSERT_EQ(0, ::symlink("target", path.c_str()));
  ASSERT_TRUE(write('a').ok());
  struct stat info = {};
  ASSERT_EQ(0, ::lstat(path.c_str(), &info));
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  EXPECT_EQ("a", contents());
}

TEST_F(OutputFileTest, DoesNotWaitForWhoReadsAPipe) {
  ASSERT_EQ(0, ::mkfifo(path.c_str(), 0600));
  EXPECT_EQ("cannot open '" + path + "': nobody reads this pipe",
            write('a').message());
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  EXPECT_TRUE(write('b').ok());
  char byte = 0;
  EXPECT_EQ(1, ::read(reader, &byte, 1));
  EXPECT_EQ('b', byte);
  ::close(reader);
}

TEST_F(OutputFileTest, SaysWhereItCannotWrite) {
  path = folder + "/missing/file";
  Status status = write('a');
  EXPECT_NE(std::string::npos, status.message().find(path));
  EXPECT_NE(std::string::npos, status.message().find("No such file"));
}

} // namespace
