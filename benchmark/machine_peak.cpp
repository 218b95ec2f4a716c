//===- machine_peak.cpp - What this machine can do at most ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// machine_peak THREADS
//
// Prints what runtime/platform/MachinePeak.h measures as a JSON object, for
// benchmark/performance.py: "flops" a second, and "read", pairs of bytes and
// bytes a second.
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/MachinePeak.h"

#include <cstdio>
#include <cstdlib>

using namespace lcp;
using namespace lcp::rt;

static Status printPeak(unsigned threads) {
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<ThreadPool> pool,
                       ThreadPool::create(threads));
  LCP_ASSIGN_OR_RETURN(MachinePeak peak, measureMachinePeak(*pool));
  std::printf("{\"flops\": %.6g, \"read\": [", peak.flops);
  const char *separator = "";
  for (auto [bytes, rate] : peak.read) {
    std::printf("%s[%llu, %.6g]", separator, (unsigned long long)bytes, rate);
    separator = ", ";
  }
  std::printf("]}\n");
  return {};
}

int main(int argc, char **argv) {
  if (argc != 2 || std::atoi(argv[1]) < 1) {
    std::fprintf(stderr, "machine_peak: error: usage: machine_peak THREADS\n");
    return 2;
  }
  const Status status = printPeak(unsigned(std::atoi(argv[1])));
  if (!status.ok())
    std::fprintf(stderr, "machine_peak: error: %s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
