//===- WorkerErrors.h - What went wrong with a worker -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/cluster. gRPC's errors in the user's terms: which worker,
// what happened, what to do.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_WORKERERRORS_H
#define LCP_RUNTIME_CLUSTER_WORKERERRORS_H

#include "common/base/Status.h"

#include <grpcpp/support/status.h>

namespace lcp::rt {

/// For a first call that nobody answered, UNAVAILABLE or DEADLINE_EXCEEDED.
/// `tls`: whether the call used it.
Status describeAbsence(const std::string &address, bool tls,
                       const grpc::Status &failure);

/// For a call of `model` that failed in whatever way.
Status describeFailure(const std::string &address, bool tls,
                       const std::string &model, const grpc::Status &failure);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_WORKERERRORS_H
