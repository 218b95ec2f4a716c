//===- GrpcStatus.h - Errors across the network -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the network side of the runtime.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_GRPCSTATUS_H
#define LCP_RUNTIME_RPC_GRPCSTATUS_H

#include "common/base/Status.h"
#include "runtime/platform/Time.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

namespace lcp::rt {

grpc::Status toGrpc(const Status &status);

/// The peer's words cut to one printable line, since they come from outside.
/// `status` is not OK.
Status fromGrpc(const grpc::Status &status);

/// gRPC counts deadlines by the wall clock.
std::chrono::system_clock::time_point toSystemClock(Deadline deadline);
Deadline deadlineOf(const grpc::ServerContext &context);

/// gRPC and protobuf write to stderr what they also return, protobuf once for
/// every malformed message that a client sends; keeps them quiet unless
/// GRPC_VERBOSITY is set.
void quietLibraryLogs();

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_GRPCSTATUS_H
