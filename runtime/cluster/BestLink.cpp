//===- BestLink.cpp - What this machine's link carries --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/BestLink.h"

#include "runtime/cluster/DeviceProbe.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

Result<MeasuredLink>
lcp::rt::bestLink(const std::vector<DeviceFacts> &devices) {
  MeasuredLink best;
  std::string why;
  for (const DeviceFacts &device : devices) {
    if (device.worker.isLocal() || device.isLoopback)
      continue;
    const double rate = std::min(device.bitsPerSecondTo.value_or(0),
                                 device.bitsPerSecondFrom.value_or(0));
    // One that answered no small call has told no latency.
    if (rate > best.bitsPerSecond && !device.roundTrips.empty())
      best = {rate, quantile(device.roundTrips, 0.5) / 2};
    else if (why.empty())
      why = device.worker.address + ": " +
            (device.reached.ok() ? "too slow" : device.reached.message());
  }
  if (best.bitsPerSecond > 0)
    return best;
  return Status(StatusCode::Unavailable,
                "no link could be measured (" +
                    (why.empty() ? "no worker is on another machine" : why) +
                    ")");
}
