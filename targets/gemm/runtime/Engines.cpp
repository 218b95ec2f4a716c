//===- Engines.cpp - The engines of this build ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/runtime/FunctionalEngine.h"
#include "targets/gemm/runtime/StreamDriver.h"

namespace lcp::rt::gemm {

/// targets/CMakeLists.txt names it for tools/RegisterDrivers.h. The first
/// engine runs what no --engine asks another for.
void registerDrivers(DriverRegistry &registry) {
  registry.add(makeStreamDriver(std::make_unique<FunctionalEngine>()));
}

} // namespace lcp::rt::gemm
