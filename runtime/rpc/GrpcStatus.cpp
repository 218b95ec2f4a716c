//===- GrpcStatus.cpp - Errors across the network -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/GrpcStatus.h"

#include <cstdlib>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

using namespace lcp;
using namespace lcp::rt;

grpc::Status lcp::rt::toGrpc(const Status &status) {
  switch (status.code()) {
  case StatusCode::Ok:
    return grpc::Status::OK;
  case StatusCode::InvalidArgument:
    return {grpc::StatusCode::INVALID_ARGUMENT, status.message()};
  case StatusCode::NotFound:
    return {grpc::StatusCode::NOT_FOUND, status.message()};
  case StatusCode::Corrupt:
    return {grpc::StatusCode::DATA_LOSS, status.message()};
  case StatusCode::Unsupported:
    return {grpc::StatusCode::UNIMPLEMENTED, status.message()};
  case StatusCode::Untrusted:
    return {grpc::StatusCode::PERMISSION_DENIED, status.message()};
  case StatusCode::ResourceExhausted:
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, status.message()};
  case StatusCode::Unavailable:
    return {grpc::StatusCode::UNAVAILABLE, status.message()};
  case StatusCode::DeadlineExceeded:
    return {grpc::StatusCode::DEADLINE_EXCEEDED, status.message()};
  case StatusCode::Mismatch:
  case StatusCode::Internal:
    break;
  }
  return {grpc::StatusCode::INTERNAL, status.message()};
}

static StatusCode codeOf(grpc::StatusCode code) {
  switch (code) {
  case grpc::StatusCode::INVALID_ARGUMENT:
    return StatusCode::InvalidArgument;
  case grpc::StatusCode::NOT_FOUND:
    return StatusCode::NotFound;
  case grpc::StatusCode::DATA_LOSS:
    return StatusCode::Corrupt;
  case grpc::StatusCode::UNIMPLEMENTED:
    return StatusCode::Unsupported;
  case grpc::StatusCode::PERMISSION_DENIED:
  case grpc::StatusCode::UNAUTHENTICATED:
    return StatusCode::Untrusted;
  case grpc::StatusCode::RESOURCE_EXHAUSTED:
    return StatusCode::ResourceExhausted;
  // A worker that stops cancels what it still runs.
  case grpc::StatusCode::CANCELLED:
  case grpc::StatusCode::UNAVAILABLE:
    return StatusCode::Unavailable;
  case grpc::StatusCode::DEADLINE_EXCEEDED:
    return StatusCode::DeadlineExceeded;
  default:
    return StatusCode::Internal;
  }
}

Status lcp::rt::fromGrpc(const grpc::Status &status) {
  constexpr size_t longest = 400;
  std::string words = status.error_message().substr(0, longest);
  for (char &c : words)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      c = ' ';
  if (words.empty())
    words = "gRPC status " + std::to_string(status.error_code());
  return Status(codeOf(status.error_code()), std::move(words));
}

std::chrono::system_clock::time_point
lcp::rt::toSystemClock(Deadline deadline) {
  using System = std::chrono::system_clock;
  if (deadline == noDeadline)
    return System::time_point::max();
  return System::now() + std::chrono::duration_cast<System::duration>(
                             deadline - Deadline::clock::now());
}

Deadline lcp::rt::deadlineOf(const grpc::ServerContext &context) {
  using System = std::chrono::system_clock;
  System::time_point deadline = context.deadline();
  if (deadline == System::time_point::max())
    return noDeadline;
  return Deadline::clock::now() + (deadline - System::now());
}

void lcp::rt::quietLibraryLogs() {
  if (std::getenv("GRPC_VERBOSITY"))
    return;
  gpr_set_log_function([](gpr_log_func_args *) {});
  google::protobuf::SetLogHandler(nullptr);
}
