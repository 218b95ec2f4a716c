//===- YamlProblems.h - What is wrong with a YAML file ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_YAMLPROBLEMS_H
#define LCP_COMMON_DEVICES_YAMLPROBLEMS_H

#include <functional>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace lcp {

/// Reads one YAML file and collects what is wrong with it, a line a problem,
/// "PATH:LINE: what". A mistake in every entry of a long list is told of the
/// first ten of them, and how many more there are.
class YamlProblems {
public:
  /// `lines` gets them, and outlives this.
  YamlProblems(const std::string &path, std::vector<std::string> &lines)
      : path(path), lines(lines) {}

  void add(const YAML::Mark &mark, const std::string &what);

  /// Has `parse` read the only document of `text`, which may be empty. Whether
  /// nothing was wrong, with what `parse` added too.
  bool read(const std::string &text,
            const std::function<void(const YAML::Node &)> &parse);

private:
  void load(const std::string &text,
            const std::function<void(const YAML::Node &)> &parse);

  const std::string &path;
  std::vector<std::string> &lines;
  size_t count = 0;
};

} // namespace lcp

#endif // LCP_COMMON_DEVICES_YAMLPROBLEMS_H
