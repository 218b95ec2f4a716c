//===- WireStatus.cpp - Errors across the network -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/WireStatus.h"

#include "common/base/Printable.h"

using namespace lcp;
using namespace lcp::rt;

WireCode lcp::rt::toWire(StatusCode code) {
  switch (code) {
  case StatusCode::Ok:
    return WireCode::Ok;
  case StatusCode::InvalidArgument:
    return WireCode::InvalidArgument;
  case StatusCode::NotFound:
    return WireCode::NotFound;
  case StatusCode::Corrupt:
    return WireCode::DataLoss;
  case StatusCode::Unsupported:
    return WireCode::Unimplemented;
  case StatusCode::Untrusted:
    return WireCode::PermissionDenied;
  case StatusCode::ResourceExhausted:
    return WireCode::ResourceExhausted;
  case StatusCode::Unavailable:
    return WireCode::Unavailable;
  case StatusCode::DeadlineExceeded:
    return WireCode::DeadlineExceeded;
  case StatusCode::Mismatch:
    return WireCode::FailedPrecondition;
  case StatusCode::Internal:
    break;
  }
  return WireCode::Internal;
}

StatusCode lcp::rt::fromWire(WireCode code) {
  switch (code) {
  case WireCode::Ok:
    return StatusCode::Ok;
  case WireCode::InvalidArgument:
    return StatusCode::InvalidArgument;
  case WireCode::NotFound:
    return StatusCode::NotFound;
  case WireCode::DataLoss:
    return StatusCode::Corrupt;
  case WireCode::Unimplemented:
    return StatusCode::Unsupported;
  case WireCode::PermissionDenied:
  case WireCode::Unauthenticated:
    return StatusCode::Untrusted;
  case WireCode::ResourceExhausted:
    return StatusCode::ResourceExhausted;
  case WireCode::Cancelled:
  case WireCode::Unavailable:
    return StatusCode::Unavailable;
  case WireCode::DeadlineExceeded:
    return StatusCode::DeadlineExceeded;
  case WireCode::FailedPrecondition:
    return StatusCode::Mismatch;
  case WireCode::Unknown:
  case WireCode::Internal:
    break;
  }
  return StatusCode::Internal;
}

Status lcp::rt::statusFromWire(unsigned code, const std::string &words) {
  constexpr size_t longest = 400;
  constexpr unsigned lastCode = unsigned(WireCode::Unauthenticated);
  std::string line = printable(words.substr(0, longest));
  if (line.empty())
    line = "gRPC status " + std::to_string(code);
  StatusCode meaning =
      code <= lastCode ? fromWire(WireCode(code)) : StatusCode::Internal;
  return Status(meaning, std::move(line));
}
