//===- Status.cpp - Errors as values --------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Status.h"

namespace lcp {

std::string_view statusCodeName(StatusCode code) {
  switch (code) {
  case StatusCode::Ok:
    return "ok";
  case StatusCode::InvalidArgument:
    return "invalid argument";
  case StatusCode::NotFound:
    return "not found";
  case StatusCode::Corrupt:
    return "corrupt";
  case StatusCode::Unsupported:
    return "unsupported";
  case StatusCode::Untrusted:
    return "untrusted";
  case StatusCode::ResourceExhausted:
    return "resource exhausted";
  case StatusCode::Unavailable:
    return "unavailable";
  case StatusCode::DeadlineExceeded:
    return "deadline exceeded";
  case StatusCode::Mismatch:
    return "mismatch";
  case StatusCode::Internal:
    return "internal";
  }
  return "unknown";
}

Status Status::withContext(std::string_view context) && {
  if (ok())
    return std::move(*this);
  message_.insert(0, ": ").insert(0, context);
  return std::move(*this);
}

} // namespace lcp
