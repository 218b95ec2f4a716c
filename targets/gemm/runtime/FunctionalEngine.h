//===- FunctionalEngine.h - Results without timing --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functional simulator: the results of a stream, bit for bit, on this
// machine's CPU. The nanoseconds that it reports are the CPU's.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_RUNTIME_FUNCTIONALENGINE_H
#define LCP_TARGETS_GEMM_RUNTIME_FUNCTIONALENGINE_H

#include "targets/gemm/runtime/Engine.h"

namespace lcp::rt::gemm {

class FunctionalEngine final : public Engine {
public:
  std::string_view name() const override { return "gemm-functional"; }
  Status run(const lcp::gemm::Stream &stream, const Memories &memories,
             ThreadPool *pool, Span<uint64_t> layerNanoseconds) const override;
};

/// Executes one command of a validated stream; `memories.tables` starts with
/// its own entries if it is a Gemm. Allocates nothing; `pool` may be null.
void execute(const lcp::gemm::Command &command, const Memories &memories,
             ThreadPool *pool);

/// Multiplications of a Gemm, operations on elements of another command: a
/// measure of the time that it takes. Saturates at 2^64 - 1.
uint64_t countOperations(const lcp::gemm::Command &command);

} // namespace lcp::rt::gemm

#endif // LCP_TARGETS_GEMM_RUNTIME_FUNCTIONALENGINE_H
