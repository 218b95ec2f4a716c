//===- GrpcStatus.h - Errors across the network -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/cluster.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_GRPCSTATUS_H
#define LCP_RUNTIME_CLUSTER_GRPCSTATUS_H

#include "runtime/base/Status.h"

#include <grpcpp/support/status.h>

namespace lcp::rt {

grpc::Status toGrpc(const Status &status);

/// The peer's words cut to one printable line, since they come from outside.
/// `status` is not OK.
Status fromGrpc(const grpc::Status &status);

/// gRPC writes to stderr what it also returns; keeps it quiet unless
/// GRPC_VERBOSITY asks for it.
void quietGrpcLog();

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_GRPCSTATUS_H
