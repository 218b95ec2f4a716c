//===- ShardTarget.h - Where an output goes directly ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SHARDTARGET_H
#define LCP_RUNTIME_SERVING_SHARDTARGET_H

#include "common/base/Status.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// A worker that waits for a value, and the key under which it does.
struct ShardTarget {
  std::string key;
  /// How many inputs there await it: 1 to 4096.
  unsigned takers = 1;
  /// Numeric HOST:PORT; empty: the worker that has the value.
  std::string address;
  /// What the worker's certificate must be for; empty: the host.
  std::string certificateName;
};

/// Reads the parameter lcp_push_to: "KEY@HOST:PORT", several with spaces
/// between. Behind a key may stand "*2" for two takers, behind an address
/// "#CERTIFICATE"; "KEY@" is the worker itself. Fails with InvalidArgument.
Result<std::vector<ShardTarget>> parseShardTargets(const std::string &text);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SHARDTARGET_H
