//===- WireStatus.h - Errors across the network -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_WIRESTATUS_H
#define LCP_RUNTIME_RPC_WIRESTATUS_H

#include "common/base/Status.h"

namespace lcp::rt {

/// gRPC's status codes, which are part of its protocol.
enum class WireCode : uint8_t {
  Ok = 0,
  Cancelled = 1,
  Unknown = 2,
  InvalidArgument = 3,
  DeadlineExceeded = 4,
  NotFound = 5,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
  DataLoss = 15,
  Unauthenticated = 16,
};

/// A Mismatch, which another bundle is, becomes FailedPrecondition.
WireCode toWire(StatusCode code);

/// Codes without a meaning here become Internal; a worker that stops cancels
/// what it runs, which makes it Unavailable.
StatusCode fromWire(WireCode code);

/// What a peer said: the words cut to one printable line, since they come from
/// outside. Of a code that no status has, the error says so. `code` is not 0.
Status statusFromWire(unsigned code, const std::string &words);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_WIRESTATUS_H
