//===- ResolveFleet.cpp - Where the workers of a file are -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ResolveFleet.h"

#include <future>

using namespace lcp;
using namespace lcp::rt;

std::vector<Result<Endpoint>> lcp::rt::resolveFleet(const ClusterFile &file) {
  std::vector<std::future<Result<Endpoint>>> questions;
  questions.reserve(file.workers.size());
  for (const ClusterWorker &worker : file.workers)
    questions.push_back(
        std::async(std::launch::async | std::launch::deferred, [&worker] {
          return worker.isLocal() ? Result<Endpoint>(Endpoint())
                                  : resolveAddress(worker.address);
        }));
  std::vector<Result<Endpoint>> endpoints;
  endpoints.reserve(file.workers.size());
  for (std::future<Result<Endpoint>> &question : questions)
    endpoints.push_back(question.get());
  return endpoints;
}
