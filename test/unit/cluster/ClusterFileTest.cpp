//===- ClusterFileTest.cpp - Cluster files, right and wrong ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ClusterFile.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace lcp;

static std::vector<std::string> problemsOf(const std::string &text) {
  std::vector<std::string> problems;
  EXPECT_FALSE(parseClusterFile(text, "c.yaml", problems)) << text;
  return problems;
}

TEST(ClusterFile, ReadsWorkers) {
  std::vector<std::string> problems;
  auto file = parseClusterFile("# ours\n"
                               "workers:\n"
                               "  - address: pi-1.local:9000\n"
                               "    branches: [3, 0]\n"
                               "    device: rpi3\n"
                               "  - {address: '[::1]:9001'}\n"
                               "  - address: pi-2.local:9000\n"
                               "    branches: [0]\n"
                               "    certificate: pi-2\n"
                               "  - {address: 'spare:9000', branches: auto}\n",
                               "c.yaml", problems);
  ASSERT_TRUE(file);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(file->workers.size(), 4u);
  EXPECT_EQ(file->workers[0].address, "pi-1.local:9000");
  EXPECT_EQ(file->workers[0].branches, (std::vector<unsigned>{0, 3}));
  EXPECT_EQ(file->workers[0].device, "rpi3");
  EXPECT_EQ(file->workers[0].line, 3u);
  EXPECT_EQ(file->workers[1].address, "[::1]:9001");
  EXPECT_TRUE(file->workers[1].branches.empty());
  EXPECT_EQ(file->workers[1].line, 6u);
  EXPECT_EQ(file->workers[2].branches, std::vector<unsigned>{0});
  EXPECT_EQ(file->workers[2].certificate, "pi-2");
  EXPECT_TRUE(file->workers[3].branches.empty());
}

TEST(ClusterFile, NamesTheLineOfEveryProblem) {
  EXPECT_EQ(problemsOf("workers:\n  - address: a:1\nworkers:\n"
                       "  - address: b:1\n"),
            (std::vector<std::string>{"c.yaml:3: 'workers' is given twice"}));
  EXPECT_EQ(problemsOf("workers:\n  - address: a:1\n    device: rpi3\n"
                       "    branches: [2, 2]\n    device: rpi4\n"),
            (std::vector<std::string>{"c.yaml:4: branch 2 is in the list twice",
                                      "c.yaml:5: 'device' is given twice"}));
  EXPECT_EQ(problemsOf("workers:\n  - adress: a:1\n"),
            (std::vector<std::string>{
                "c.yaml:2: unknown key 'adress' (a worker has address, "
                "branches, device and certificate)"}));
  EXPECT_EQ(problemsOf("workers:\n"
                       "  - address: nowhere\n"
                       "  - branches: [0]\n"
                       "  - address: a:1\n"
                       "    branches: [0, -1, x]\n"
                       "  - address: a:1\n"),
            (std::vector<std::string>{
                "c.yaml:2: 'nowhere' is not HOST:PORT, [IPV6]:PORT or local",
                "c.yaml:3: the worker has no address",
                "c.yaml:5: a branch is a number from 0",
                "c.yaml:5: a branch is a number from 0",
                "c.yaml:6: the address a:1 is already on line 4"}));
  EXPECT_EQ(problemsOf("workers:\n"
                       "  - address: a:1\n"
                       "    colour: red\n"
                       "  - address: local:9000\n"),
            (std::vector<std::string>{
                "c.yaml:3: unknown key 'colour' (a worker has address, "
                "branches, device and certificate)",
                "c.yaml:4: the coordinator itself is 'local', without a "
                "port"}));
}

TEST(ClusterFile, HasTheCoordinatorOnceAtMost) {
  std::vector<std::string> problems;
  auto file = parseClusterFile("workers:\n  - address: local\n"
                               "    branches: [1]\n    device: rpi4\n"
                               "  - address: local.lan:1\n",
                               "c.yaml", problems);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->workers[0].isLocal());
  EXPECT_FALSE(file->workers[1].isLocal());
  EXPECT_EQ(problemsOf("workers:\n  - address: local\n  - address: local\n"),
            (std::vector<std::string>{
                "c.yaml:3: the address local is already on line 2"}));
  EXPECT_EQ(problemsOf("workers:\n  - address: local\n    certificate: a\n"),
            (std::vector<std::string>{
                "c.yaml:3: local is the coordinator itself, which shows itself "
                "no certificate"}));
}

TEST(ClusterFile, KnowsTheDevices) {
  std::vector<std::string> problems =
      problemsOf("workers:\n  - address: a:1\n    device: rpi33\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].rfind("c.yaml:3: unknown device 'rpi33'; known: ", 0),
            0u);
  EXPECT_NE(problems[0].find("rpi3, rpi4"), std::string::npos) << problems[0];
}

TEST(ClusterFile, RefusesOtherStructures) {
  for (const char *text :
       {"", "workers:", "workers: []", "workers: {a: 1}", "- address: a:1",
        "workers: [5]", "workers: [{address: a:1}]\nmore: 1",
        "workers: [{address: [a]}]", "workers: [{address: a:1, branches: 2}]",
        "workers: [{address: a:1, branches: []}]",
        "workers: [{address: a:1, branches: [[1]]}]",
        "workers: [{address: a:0}]", "workers: [{address: a:65536}]",
        "workers: [{address: a:99999999999999999999}]",
        "workers: [{address: 'http://a:1'}]"})
    EXPECT_EQ(problemsOf(text).size(), 1u) << text;
}

TEST(ClusterFile, SyntaxErrorsHaveALine) {
  std::vector<std::string> problems = problemsOf("workers:\n  - address: [a\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].rfind("c.yaml:", 0), 0u) << problems[0];
}

TEST(ClusterFile, SaysWhyAFileCannotBeRead) {
  std::vector<std::string> problems;
  EXPECT_FALSE(readClusterFile("/no/such/file.yaml", problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], "/no/such/file.yaml: cannot read the cluster file: No "
                         "such file or directory");
}

TEST(ClusterFile, TellsOfTenProblemsAndCountsTheOthers) {
  std::string text = "workers:\n";
  for (int i = 0; i < 3000; ++i)
    text += "  - addres: a:1\n";
  const std::vector<std::string> problems = problemsOf(text);
  ASSERT_EQ(problems.size(), 11u);
  EXPECT_EQ(problems[9].rfind("c.yaml:11: unknown key 'addres'", 0), 0u);
  EXPECT_EQ(problems[10], "c.yaml: and 2990 more problems");
}

TEST(ClusterFile, IsOneDocumentInUtf8) {
  EXPECT_EQ(problemsOf("workers:\n  - address: a:1\n---\n"
                       "workers:\n  - address: b:1\n"),
            (std::vector<std::string>{"c.yaml:4: a second document begins "
                                      "above: a file has one"}));
  EXPECT_EQ(problemsOf(std::string("\xff\xfew\0o\0r\0k\0e\0r\0s\0", 16)),
            (std::vector<std::string>{"c.yaml:1: it has bytes of zero, as "
                                      "UTF-16 has: save it as UTF-8"}));
}

TEST(ClusterFile, IsARegularFile) {
  const std::string pipe = testing::TempDir() + "fleet.pipe";
  std::remove(pipe.c_str());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string &path : {pipe, std::string("/dev/zero")}) {
    std::vector<std::string> problems;
    EXPECT_FALSE(readClusterFile(path, problems));
    EXPECT_EQ(problems, (std::vector<std::string>{
                            path + ": cannot read the cluster file: not a "
                                   "regular file"}));
  }
  std::remove(pipe.c_str());
}
