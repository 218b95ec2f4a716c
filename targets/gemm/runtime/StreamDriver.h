//===- StreamDriver.h - Loads streams onto an engine ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_RUNTIME_STREAMDRIVER_H
#define LCP_TARGETS_GEMM_RUNTIME_STREAMDRIVER_H

#include "runtime/driver/Driver.h"
#include "targets/gemm/runtime/Engine.h"

namespace lcp::rt::gemm {

/// A driver that checks streams with targets/gemm/abi/Validate.h, quantises and
/// moves their inputs into activation memory, has `engine` run the commands,
/// and moves their outputs back.
std::unique_ptr<Driver> makeStreamDriver(std::unique_ptr<Engine> engine);

} // namespace lcp::rt::gemm

#endif // LCP_TARGETS_GEMM_RUNTIME_STREAMDRIVER_H
