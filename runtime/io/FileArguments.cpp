//===- FileArguments.cpp - Which file is for which tensor -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/FileArguments.h"

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

/// What is assigned files: the inputs of a model, or its outputs.
struct Tensors {
  Span<const TensorSpec> specs;
  /// "input" or "output".
  std::string kind;
  /// Whether NAME=FILE, which names none of them, is a file.
  bool (*isFile)(const std::string &value);
};

Result<std::vector<std::string>>
assignFiles(const Tensors &tensors, const std::string &option,
            const std::vector<std::string> &values) {
  std::vector<std::string> files(tensors.specs.size()), unnamed;
  for (const std::string &value : values) {
    const size_t equals = value.find('=');
    const std::string name = value.substr(0, equals);
    const size_t index = equals == std::string::npos
                             ? files.size()
                             : indexOf(name, tensors.specs);
    if (index == files.size()) {
      if (equals != std::string::npos && !tensors.isFile(value))
        return Status(StatusCode::InvalidArgument,
                      option + "=" + value + ": the model has no " +
                          tensors.kind + " '" + name + "'; its " +
                          tensors.kind + "s are " + joinNames(tensors.specs));
      unnamed.push_back(value);
    } else if (!files[index].empty()) {
      return Status(StatusCode::InvalidArgument,
                    option + "=" + value + ": '" + name + "' has '" +
                        files[index] + "' already");
    } else {
      files[index] = value.substr(equals + 1);
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
                        joinNames(tensors.specs) + ")");
    files[next] = file;
  }
  return files;
}

} // namespace

Result<std::vector<std::string>>
assignInputFiles(Span<const TensorSpec> inputs, const std::string &option,
                 const std::vector<std::string> &values) {
  auto exists = [](const std::string &value) {
    return ::access(value.c_str(), F_OK) == 0;
  };
  LCP_ASSIGN_OR_RETURN(std::vector<std::string> files,
                       assignFiles({inputs, "input", exists}, option, values));
  for (size_t i = 0; i < files.size(); ++i)
    if (files[i].empty())
      return Status(StatusCode::InvalidArgument, "no " + option + " for '" +
                                                     inputs[i].name + "', " +
                                                     toString(inputs[i]));
  return files;
}

Result<std::vector<std::string>>
assignOutputFiles(Span<const TensorSpec> outputs, const std::string &option,
                  const std::vector<std::string> &values) {
  auto isPath = [](const std::string &value) {
    return value.find('/') < value.find('=');
  };
  return assignFiles({outputs, "output", isPath}, option, values);
}

} // namespace lcp::rt
