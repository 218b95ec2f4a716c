//===- Simulator.h - What the engine computes -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functional simulator: the results of a stream, bit for bit, without its
// timing.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_RUNTIME_SIMULATOR_H
#define LCP_TARGETS_GEMM_RUNTIME_SIMULATOR_H

#include "runtime/platform/ThreadPool.h"
#include "targets/gemm/abi/Stream.h"

namespace lcp::rt::gemm {

/// The engine's two memories, as large as the stream's header says, and the
/// channel table of the command if it is a Gemm: groups * channels entries
/// that isValid() passes. It lies in weight memory too, but a driver has it
/// copied: unlike a weight, a changed entry would be undefined behaviour.
struct Memories {
  int8_t *activations;
  const uint8_t *weights;
  const lcp::gemm::ChannelEntry *table;
};

/// Executes a command of a validated stream. Allocates nothing; `pool` may be
/// null. Results do not depend on the number of threads.
void execute(const lcp::gemm::Command &command, const Memories &memories,
             ThreadPool *pool);

/// Multiplications of a Gemm, operations on elements of another command: a
/// measure of the time that it takes. Saturates at 2^64 - 1.
uint64_t countOperations(const lcp::gemm::Command &command);

/// The command in one line of words.
std::string disassemble(const lcp::gemm::Command &command);

} // namespace lcp::rt::gemm

#endif // LCP_TARGETS_GEMM_RUNTIME_SIMULATOR_H
