//===- Engine.h - What executes the commands of a stream --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The seam between the driver, which is the same for every engine (it checks a
// stream and moves tensors into and out of activation memory: StreamDriver.h),
// and what executes the commands in between. FunctionalEngine.h computes
// results and nothing else. A simulation of the RTL, or a board, that only
// answers is a class beside it, a line in Engines.cpp and its file's name in
// CMakeLists.txt; EqualityTest.cpp then holds its answers to the integer
// reference. One that counts cycles needs more: docs/rationale/gemm-engine.md
// says what, and where its figures come from.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_RUNTIME_ENGINE_H
#define LCP_TARGETS_GEMM_RUNTIME_ENGINE_H

#include "common/base/Span.h"
#include "common/base/Status.h"
#include "runtime/platform/ThreadPool.h"
#include "targets/gemm/abi/Stream.h"

#include <string_view>

namespace lcp::rt::gemm {

/// The engine's two memories, as large as the stream's header says, and the
/// channel tables. They lie in weight memory too, but the driver has them
/// copied: unlike a weight, a changed entry would be undefined behaviour.
struct Memories {
  int8_t *activations;
  const uint8_t *weights;
  /// groups * channels entries, which isValid() passes, for each Gemm of the
  /// stream in turn.
  const lcp::gemm::ChannelEntry *tables;
};

class Engine {
public:
  virtual ~Engine() = default;

  /// The name that --engine takes, e.g. "gemm-functional".
  virtual std::string_view name() const = 0;

  /// Executes all commands of a validated stream, in order. `pool` may be null;
  /// results do not depend on its number of threads. `layerNanoseconds` is
  /// empty, or has a counter for each layer (Command::layer) to add to.
  /// Allocates nothing on success. Several streams may run at once.
  virtual Status run(const lcp::gemm::Stream &stream, const Memories &memories,
                     ThreadPool *pool,
                     Span<uint64_t> layerNanoseconds) const = 0;
};

} // namespace lcp::rt::gemm

#endif // LCP_TARGETS_GEMM_RUNTIME_ENGINE_H
