//===- Log.h - Lines about what a server meets ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_LOG_H
#define LCP_TOOLS_LCP_RUN_LOG_H

#include <functional>
#include <string>

namespace lcp::rt {

/// Writes lines to stderr: for people, or as JSON objects, one a line, with
/// `time` (UTC, RFC 3339), `server` and `message`. From any thread.
std::function<void(const std::string &)> makeLog(const std::string &server,
                                                 bool json);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_LOG_H
