//===- MachinePeak.h - What this machine can do at most ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_MACHINEPEAK_H
#define LCP_RUNTIME_PLATFORM_MACHINEPEAK_H

#include "common/base/Status.h"
#include "runtime/platform/ThreadPool.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace lcp::rt {

/// Of a team of threads together.
struct MachinePeak {
  /// Floating-point operations a second of independent fused multiply-adds of
  /// this CPU's longest fp32 vectors, two to an element.
  double flops = 0;
  /// In ascending order, sizes of buffers in bytes, and bytes a second at which
  /// one of that size is read again and again, shared among the threads.
  std::vector<std::pair<uint64_t, double>> read;

  /// Of the largest measured buffer that is no larger than `size` (of the
  /// smallest, if all are): no buffer of that size is read faster.
  double bytesPerSecond(double size) const;
};

/// Takes the pool's threads some seconds (1.5 with AVX-512), and 256 MB of
/// memory that it fails without.
Result<MachinePeak> measureMachinePeak(ThreadPool &pool);

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_MACHINEPEAK_H
