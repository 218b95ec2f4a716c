//===- BestLink.h - What this machine's link carries ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_BESTLINK_H
#define LCP_RUNTIME_CLUSTER_BESTLINK_H

#include "common/base/Status.h"

#include <vector>

namespace lcp::rt {

struct DeviceFacts;

/// What calls to another machine got of the link to it.
struct MeasuredLink {
  /// Of payload, the slower way.
  double bitsPerSecond = 0;
  /// One way: half the median round trip of small calls.
  double latencySeconds = 0;
};

/// This machine's link, by the device to which it carries most. Devices on this
/// machine's own loopback are no link. Fails with Unavailable if it was
/// measured to none, with what was amiss with the first.
Result<MeasuredLink> bestLink(const std::vector<DeviceFacts> &devices);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_BESTLINK_H
