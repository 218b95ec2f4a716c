//===- machine_peak.cpp - What this machine can do at most ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// machine_peak THREADS
//
// Prints a JSON object: "flops", floating-point operations a second of a loop
// of independent fused multiply-adds (two operations each), and "read", pairs
// of bytes and bytes a second: how fast buffers of so many bytes are read again
// and again, shared evenly among the threads. The best of several short runs.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

#if defined(__AVX512F__)
constexpr size_t vectorBytes = 64;
#elif defined(__AVX__)
constexpr size_t vectorBytes = 32;
#else
constexpr size_t vectorBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(vectorBytes)));
constexpr size_t lanes = vectorBytes / sizeof(float);
// More than latency times ports of any CPU that there is, and fewer than its
// registers.
constexpr size_t chains = 12;
constexpr size_t rounds = 1 << 21;
constexpr int tries = 5;
constexpr size_t bytesPerTry = size_t(128) << 20;

using Clock = std::chrono::steady_clock;

/// Seconds that all threads together take, the best of some.
double bestSeconds(unsigned threads,
                   const std::function<void(unsigned)> &work) {
  double best = 1e9;
  for (int i = 0; i < tries; ++i) {
    const Clock::time_point begin = Clock::now();
    std::vector<std::thread> team;
    for (unsigned t = 1; t < threads; ++t)
      team.emplace_back(work, t);
    work(0);
    for (std::thread &thread : team)
      thread.join();
    best = std::min(
        best, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

/// The compiler must take the value for one that somebody uses.
void keep(Vector &value) { asm volatile("" : "+m"(value)); }

void multiplyAndAdd() {
  Vector sums[chains], factor, term;
  for (size_t i = 0; i < lanes; ++i) {
    factor[i] = 0.999f;
    term[i] = 0.001f;
  }
  keep(factor);
  keep(term);
  std::fill(sums, sums + chains, term);
  for (size_t round = 0; round < rounds; ++round)
    for (size_t i = 0; i < chains; ++i)
      sums[i] = sums[i] * factor + term;
  for (Vector &sum : sums)
    keep(sum);
}

void readAgainAndAgain(const Vector *begin, size_t count, size_t times) {
  constexpr size_t unrolled = 8;
  Vector sums[unrolled] = {};
  for (size_t time = 0; time < times; ++time) {
    for (size_t i = 0; i + unrolled <= count; i += unrolled)
      for (size_t j = 0; j < unrolled; ++j)
        sums[j] += begin[i + j];
    for (Vector &sum : sums)
      keep(sum);
  }
}

double bytesPerSecond(unsigned threads, size_t bytes,
                      const std::vector<Vector> &memory) {
  const size_t share = bytes / sizeof(Vector) / threads;
  const size_t times = std::max<size_t>(1, bytesPerTry / bytes);
  const double seconds = bestSeconds(threads, [&](unsigned thread) {
    readAgainAndAgain(memory.data() + thread * share, share, times);
  });
  return double(share) * threads * sizeof(Vector) * double(times) / seconds;
}

} // namespace

int main(int argc, char **argv) {
  const int threads = argc == 2 ? std::atoi(argv[1]) : 0;
  if (threads < 1) {
    std::fprintf(stderr, "machine_peak: error: usage: machine_peak THREADS\n");
    return 2;
  }
  const double seconds =
      bestSeconds(unsigned(threads), [](unsigned) { multiplyAndAdd(); });
  std::printf("{\"flops\": %.6g, \"read\": [",
              2.0 * lanes * chains * double(rounds) * threads / seconds);
  const size_t most = size_t(256) << 20;
  const std::vector<Vector> memory(most / sizeof(Vector), Vector{} + 1.0f);
  for (size_t bytes = size_t(16) << 10; bytes <= most; bytes *= 2)
    std::printf("%s[%zu, %.6g]", bytes > size_t(16) << 10 ? ", " : "", bytes,
                bytesPerSecond(unsigned(threads), bytes, memory));
  std::printf("]}\n");
  return 0;
}
