//===- MachinePeak.cpp - What this machine can do at most -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/MachinePeak.h"

#include "common/base/Tensor.h"
#include "runtime/platform/CpuFeatures.h"
#include "runtime/platform/Time.h"

#include <algorithm>
#include <cstring>

namespace lcp::rt {
namespace {

// Sums that do not wait for each other: as many as latency times ports of fast
// CPUs, and fewer than the registers that all CPUs of an architecture have.
#ifdef __aarch64__
constexpr size_t chains = 24;
#else
constexpr size_t chains = 12;
#endif
constexpr size_t unrolled = 8;
constexpr size_t rounds = 1 << 21;
constexpr int tries = 5;
constexpr uint64_t smallest = 16 << 10, largest = 256 << 20;
constexpr uint64_t bytesPerTry = 128 << 20;

/// Seconds of the best of some tries.
template <typename F> double bestSeconds(ThreadPool &pool, F work) {
  double best = 1e9;
  for (int i = 0; i < tries; ++i) {
    const uint64_t begin = monotonicNanoseconds();
    pool.run(work);
    best = std::min(best, double(monotonicNanoseconds() - begin) * 1e-9);
  }
  return best;
}

/// The compiler must take the value for one that somebody uses.
template <typename V> void keep(V &value) { asm volatile("" : "+m"(value)); }

typedef float Vector16 __attribute__((vector_size(16)));
typedef float Vector32 __attribute__((vector_size(32)));
typedef float Vector64 __attribute__((vector_size(64)));

/// The loops for vectors of one length; inlined where the CPU is known to have
/// them.
template <typename Vector> struct Loops {
  static constexpr size_t bytes = sizeof(Vector);

  [[gnu::always_inline]] static inline void multiplyAndAdd() {
    Vector sums[chains], factor, term;
    for (size_t i = 0; i < bytes / sizeof(float); ++i) {
      factor[i] = 0.999f;
      term[i] = 0.001f;
    }
    keep(factor);
    keep(term);
    std::fill(sums, sums + chains, term);
    for (size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
      for (size_t i = 0; i < chains; ++i)
        sums[i] = sums[i] * factor + term;
    }
    for (Vector &sum : sums)
      keep(sum);
  }

  [[gnu::always_inline]] static inline void
  readAgainAndAgain(const std::byte *memory, size_t size, uint64_t times) {
    auto *vectors = reinterpret_cast<const Vector *>(memory);
    Vector sums[unrolled] = {};
    for (uint64_t time = 0; time < times; ++time) {
      for (size_t i = 0; i + unrolled <= size / bytes; i += unrolled) {
#pragma GCC unroll 8
        for (size_t j = 0; j < unrolled; ++j)
          sums[j] += vectors[i + j];
      }
      for (Vector &sum : sums)
        keep(sum);
    }
  }
};

struct Kernels {
  size_t vectorBytes;
  void (*multiplyAndAdd)();
  void (*readAgainAndAgain)(const std::byte *, size_t, uint64_t);
};

void multiplyAndAdd16() { Loops<Vector16>::multiplyAndAdd(); }
void read16(const std::byte *memory, size_t size, uint64_t times) {
  Loops<Vector16>::readAgainAndAgain(memory, size, times);
}

#ifdef __x86_64__
[[gnu::target("avx512f")]] void multiplyAndAdd64() {
  Loops<Vector64>::multiplyAndAdd();
}
[[gnu::target("avx512f")]] void read64(const std::byte *memory, size_t size,
                                       uint64_t times) {
  Loops<Vector64>::readAgainAndAgain(memory, size, times);
}
[[gnu::target("avx2,fma")]] void multiplyAndAdd32() {
  Loops<Vector32>::multiplyAndAdd();
}
[[gnu::target("avx2,fma")]] void read32(const std::byte *memory, size_t size,
                                        uint64_t times) {
  Loops<Vector32>::readAgainAndAgain(memory, size, times);
}
#endif

Kernels chooseKernels() {
#ifdef __x86_64__
  auto has = [](std::string_view feature) {
    return hasCpuFeature(feature) == CpuFeature::Present;
  };
  if (has("avx512f"))
    return {64, multiplyAndAdd64, read64};
  if (has("avx2") && has("fma"))
    return {32, multiplyAndAdd32, read32};
#endif
  return {16, multiplyAndAdd16, read16};
}

double readBytesPerSecond(ThreadPool &pool, const Kernels &kernels,
                          const std::byte *memory, uint64_t size) {
  const uint64_t times = bytesPerTry / std::min(size, bytesPerTry);
  // Whole rounds of the unrolled loop, and one at least.
  constexpr uint64_t round = unrolled * sizeof(Vector64);
  const uint64_t share =
      std::max(size / pool.threads() / round, uint64_t(1)) * round;
  const double seconds = bestSeconds(pool, [&](unsigned thread, unsigned) {
    kernels.readAgainAndAgain(memory + thread * share, share, times);
  });
  return double(share * pool.threads() * times) / seconds;
}

} // namespace

double MachinePeak::bytesPerSecond(double size) const {
  double rate = read.front().second;
  for (auto [measured, bytes] : read)
    if (double(measured) <= size)
      rate = bytes;
  return rate;
}

Result<MachinePeak> measureMachinePeak(ThreadPool &pool) {
  const Kernels kernels = chooseKernels();
  MachinePeak peak;
  const double seconds =
      bestSeconds(pool, [&](unsigned, unsigned) { kernels.multiplyAndAdd(); });
  const size_t lanes = kernels.vectorBytes / sizeof(float);
  peak.flops = 2.0 * double(lanes * chains * rounds * pool.threads()) / seconds;
  LCP_ASSIGN_OR_RETURN(AlignedBuffer memory, AlignedBuffer::allocate(largest));
  // Written, or all of its pages are one page of zeros.
  std::memset(memory.data(), 0, memory.size());
  for (uint64_t size = smallest; size <= largest; size *= 2)
    peak.read.emplace_back(
        size, readBytesPerSecond(pool, kernels, memory.data(), size));
  return peak;
}

} // namespace lcp::rt
