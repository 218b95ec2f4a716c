//===- WireBytes.h - Bytes on the cables ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_TRAFFIC_WIREBYTES_H
#define LCP_COMMON_TRAFFIC_WIREBYTES_H

#include "common/traffic/LinkLoads.h"
#include "common/traffic/MessageBytes.h"

namespace lcp {

/// Bytes of Ethernet frames in one inference, on each host's cable: messages
/// with what gRPC, HTTP/2, TLS, TCP and IP add, and acknowledgements. Of
/// connections that stand and lose nothing.
struct WireBytes {
  LinkLoad coordinator;
  std::vector<LinkLoad> devices;
};

/// What decides how often somebody speaks only to say that he is there.
struct WireConditions {
  /// How long each parallel stage takes. Empty: no time worth mentioning.
  std::vector<double> stageSeconds;
  /// Of a link, as a payload sees it. 0: a slow one.
  double bitsPerSecond = 0;
};

WireBytes predictWire(const TrafficModel &model,
                      const std::vector<RoutedCall> &calls,
                      const WireConditions &conditions,
                      const MessageLengths &lengths = {});

} // namespace lcp

#endif // LCP_COMMON_TRAFFIC_WIREBYTES_H
