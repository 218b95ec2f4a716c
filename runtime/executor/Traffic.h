//===- Traffic.h - Bytes to other machines and back -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_TRAFFIC_H
#define LCP_RUNTIME_EXECUTOR_TRAFFIC_H

#include "runtime/bundle/ModelInfo.h"

namespace lcp::rt {

/// Bytes of messages, without what the protocols below add.
struct Traffic {
  uint64_t sent = 0;
  uint64_t received = 0;
};

/// What one inference takes whose one parallel stage runs elsewhere, but for
/// the devices that are `here`, by number: bytes of tensors, and of the images
/// that are sent in place of tensors. None if there are several parallel
/// stages: what goes where then depends on the fleet.
std::optional<Traffic> predictTraffic(const ModelInfo &model,
                                      const InputImages &images,
                                      const std::vector<bool> &here);

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_TRAFFIC_H
