//===- ResolveFleet.h - Where the workers of a file are ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_RESOLVEFLEET_H
#define LCP_RUNTIME_CLUSTER_RESOLVEFLEET_H

#include "common/devices/ClusterFile.h"
#include "runtime/rpc/Address.h"

#include <vector>

namespace lcp::rt {

/// What resolveAddress says of each worker of the file, in its order; of the
/// local device nothing that counts. Names are looked up all at once: a name
/// service that is gone takes seconds for each.
std::vector<Result<Endpoint>> resolveFleet(const ClusterFile &file);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_RESOLVEFLEET_H
