//===- LayerFacts.h - What the compiler's report knows of layers *- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_LAYERFACTS_H
#define LCP_TOOLS_LCP_RUN_LAYERFACTS_H

#include "common/base/Status.h"
#include "common/devices/LayerKind.h"

#include <map>
#include <string>
#include <utility>

namespace lcp::rt {

/// Of a convolution or a dense layer.
struct LayerFacts {
  LayerKind kind = LayerKind::Other;
  /// Multiply-accumulates of an inference, more than none.
  double macs = 0;
  /// Of its weights; of what else it reads, and what it writes. 0 in reports of
  /// compilers that did not count them.
  double parameterBytes = 0, activationBytes = 0;
};

/// By the names of branch ("s0.b2") and layer.
using LayerName = std::pair<std::string, std::string>;

struct NetworkFacts {
  std::map<LayerName, LayerFacts> layers;
  /// How steps are computed, of all that their target tells it of.
  std::map<LayerName, std::string> kernels;
};

/// Reads a report that lcp-compile --report=FILE.json wrote.
Result<NetworkFacts> readReport(const std::string &path);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_LAYERFACTS_H
