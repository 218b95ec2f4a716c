//===- Residency.h - Values that need not travel ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_BUNDLE_RESIDENCY_H
#define LCP_RUNTIME_BUNDLE_RESIDENCY_H

#include "runtime/bundle/ModelInfo.h"

namespace lcp::rt {

/// Which values stay on a worker.
struct Residency {
  struct Value {
    /// Written on a device by a parallel stage and read by nothing but later
    /// ones on the same device.
    bool stays = false;
    /// The last stage (ModelStage::index) that reads it.
    unsigned lastStage = 0;
  };
  /// One for every value of the model.
  std::vector<Value> values;
};

Residency findResidency(const ModelInfo &model);

} // namespace lcp::rt

#endif // LCP_RUNTIME_BUNDLE_RESIDENCY_H
