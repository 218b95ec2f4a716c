//===- bench_worker.cpp - A bundle that runs when it is told to -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// bench_worker BUNDLE INPUT.npy OUTPUT.npy THREADS
//
// Our engine in benchmark/performance.py, whose rounds ask one engine after the
// other. Loads the bundle, computes the answer to the input once and writes it,
// prints "ready", and then for each line of standard input, a number of
// inferences, the nanoseconds of each in a line. (benchmark/engines/worker.py
// does the same with other engines.)
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Executor.h"
#include "runtime/io/TensorFile.h"
#include "runtime/platform/Time.h"
#include "tools/RegisterDrivers.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

namespace {

struct Arguments {
  std::string bundle, input, output;
  unsigned threads = 1;
};

Status answerOnce(const Arguments &arguments, Executor &executor) {
  const ModelInfo &model = executor.model();
  LCP_ASSIGN_OR_RETURN(
      InputBatch batch,
      readInput(arguments.input, model.inputSpec(0), ImagePreprocessing()));
  std::memcpy(executor.input(0).data(), batch.buffer.data(),
              executor.input(0).size());
  LCP_RETURN_IF_ERROR(executor.run());
  return writeTensor(arguments.output, model.outputSpec(0), executor.output(0));
}

Status timeRuns(unsigned count, Executor &executor) {
  for (unsigned i = 0; i < count; ++i) {
    const uint64_t begin = monotonicNanoseconds();
    LCP_RETURN_IF_ERROR(executor.run());
    std::printf("%s%llu", i ? " " : "",
                (unsigned long long)(monotonicNanoseconds() - begin));
  }
  std::printf("\n");
  return {};
}

Status serve(const Arguments &arguments) {
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Bundle> bundle,
                       Bundle::open(arguments.bundle, /*key=*/nullptr));
  LCP_RETURN_IF_ERROR(bundle->checkAllSegments());
  DriverRegistry drivers;
  registerAllDrivers(drivers);
  ExecutorOptions options;
  options.threads = arguments.threads;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
                       Executor::load(*bundle, drivers, options));
  LCP_RETURN_IF_ERROR(answerOnce(arguments, *executor));
  std::printf("ready\n");
  std::fflush(stdout);
  unsigned count = 0;
  while (std::scanf("%u", &count) == 1) {
    LCP_RETURN_IF_ERROR(timeRuns(count, *executor));
    std::fflush(stdout);
  }
  return {};
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 5 || std::atoi(argv[4]) < 1) {
    std::fprintf(stderr, "bench_worker: error: usage: bench_worker BUNDLE "
                         "INPUT.npy OUTPUT.npy THREADS\n");
    return 2;
  }
  const Status status =
      serve({argv[1], argv[2], argv[3], unsigned(std::atoi(argv[4]))});
  if (!status.ok())
    std::fprintf(stderr, "bench_worker: error: %s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
