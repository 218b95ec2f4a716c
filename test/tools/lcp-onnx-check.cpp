//===- lcp-onnx-check.cpp - An ONNX file's problems, without MLIR ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lcp-onnx-check MODEL says on stderr what lcp-translate would of the file and
// of its constants. Unlike that it needs no MLIR, whose binaries are not
// sanitized, so that the whole of it runs under sanitizers.
//
//===----------------------------------------------------------------------===//

#include "test/tools/ConstantWalk.h"

#include <cstdio>

using namespace lcp::onnx;

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: lcp-onnx-check MODEL\n");
    return 2;
  }
  std::vector<std::string> problems;
  std::optional<Model> model = readModel(argv[1], problems);
  ConstantBudget budget;
  if (model)
    walkConstants(
        *model, budget,
        [&](const Node &node, const Tensor *, const std::string &reason) {
          if (!reason.empty())
            problems.push_back(node.opType + " node '" + node.label() +
                               "': " + reason);
        });
  for (const std::string &line : problems)
    std::fprintf(stderr, "lcp-onnx-check: error: %s: %s\n", argv[1],
                 line.c_str());
  return problems.empty() ? 0 : 1;
}
