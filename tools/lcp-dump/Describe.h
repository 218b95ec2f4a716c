//===- Describe.h - A bundle in words, JSON or dot --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_DUMP_DESCRIBE_H
#define LCP_TOOLS_LCP_DUMP_DESCRIBE_H

#include "runtime/bundle/Bundle.h"

#include <string>

namespace lcp::rt {

std::string describeAsText(const Bundle &bundle);
std::string describeAsJson(const Bundle &bundle);

/// The steps as a graph for Graphviz: branches as boxes, grouped by stage, and
/// values as edges. Edges over which a value crosses the network, when every
/// branch has a device of its own, are labelled with its bytes.
std::string describeAsDot(const Bundle &bundle);

/// What a branch takes on its device.
struct BranchBytes {
  uint64_t code = 0, weights = 0, arena = 0;
};
BranchBytes bytesOf(const Bundle &bundle, const ModelBranch &branch);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_DUMP_DESCRIBE_H
