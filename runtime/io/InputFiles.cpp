//===- InputFiles.cpp - Which file is for which input ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/InputFiles.h"

#include <unistd.h>

namespace lcp::rt {
namespace {

std::string joinNames(Span<const TensorSpec> inputs) {
  std::string names;
  for (size_t i = 0; i < inputs.size(); ++i)
    names.append(i ? ", " : "").append(inputs[i].name);
  return names;
}

size_t indexOf(const std::string &name, Span<const TensorSpec> inputs) {
  size_t i = 0;
  while (i < inputs.size() && inputs[i].name != name)
    ++i;
  return i;
}

} // namespace

Result<std::vector<std::string>>
assignInputFiles(Span<const TensorSpec> inputs, const std::string &option,
                 const std::vector<std::string> &values) {
  std::vector<std::string> files(inputs.size()), unnamed;
  for (const std::string &value : values) {
    size_t equals = value.find('=');
    std::string name = value.substr(0, equals);
    size_t input =
        equals == std::string::npos ? files.size() : indexOf(name, inputs);
    if (input == files.size()) {
      if (equals != std::string::npos && ::access(value.c_str(), F_OK) != 0)
        return Status(StatusCode::InvalidArgument,
                      option + "=" + value + ": the model has no input '" +
                          name + "'; its inputs are " + joinNames(inputs));
      unnamed.push_back(value);
    } else if (!files[input].empty()) {
      return Status(StatusCode::InvalidArgument,
                    option + "=" + value + ": '" + name + "' has '" +
                        files[input] + "' already");
    } else {
      files[input] = value.substr(equals + 1);
    }
  }
  size_t next = 0;
  for (const std::string &file : unnamed) {
    while (next < files.size() && !files[next].empty())
      ++next;
    if (next == files.size())
      return Status(StatusCode::InvalidArgument,
                    option + "=" + file + " is one too many: the model has " +
                        std::to_string(files.size()) + " (" +
                        joinNames(inputs) + ")");
    files[next] = file;
  }
  for (size_t i = 0; i < files.size(); ++i)
    if (files[i].empty())
      return Status(StatusCode::InvalidArgument, "no " + option + " for '" +
                                                     inputs[i].name + "', " +
                                                     toString(inputs[i]));
  return files;
}

} // namespace lcp::rt
