//===- YamlProblems.cpp - What is wrong with a YAML file ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/YamlProblems.h"

using namespace lcp;

static constexpr size_t mostProblems = 10;

void YamlProblems::add(const YAML::Mark &mark, const std::string &what) {
  const int line = mark.is_null() ? 0 : mark.line;
  if (++count <= mostProblems)
    lines.push_back(path + ":" + std::to_string(line + 1) + ": " + what);
}

void YamlProblems::load(const std::string &text,
                        const std::function<void(const YAML::Node &)> &parse) {
  // YAML allows it; other tools that read the file do not.
  if (text.find('\0') != std::string::npos)
    return add(YAML::Mark(), "it has bytes of zero, as UTF-16 has: save it as "
                             "UTF-8");
  const std::vector<YAML::Node> documents = YAML::LoadAll(text);
  if (documents.size() > 1)
    return add(documents[1].Mark(),
               "a second document begins above: a file has one");
  parse(documents.empty() ? YAML::Node() : documents[0]);
}

bool YamlProblems::read(const std::string &text,
                        const std::function<void(const YAML::Node &)> &parse) {
  try {
    load(text, parse);
  } catch (const YAML::Exception &error) {
    add(error.mark, error.msg);
  }
  if (count > mostProblems)
    lines.push_back(path + ": and " + std::to_string(count - mostProblems) +
                    " more problems");
  return count == 0;
}
