//===- Log.h - Lines about what a server meets ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_LOG_H
#define LCP_TOOLS_LCP_RUN_LOG_H

#include <functional>
#include <memory>
#include <string>

namespace lcp::rt {

/// Writes lines to stderr: for people, or as JSON objects, one a line, with
/// `time` (UTC, RFC 3339), `server`, which is its address, and `message`. From
/// any thread.
class Log {
public:
  /// `address` is what was asked for, until setAddress() says what it became.
  Log(const std::string &address, bool json);
  void setAddress(const std::string &address);
  /// May outlive the log.
  std::function<void(const std::string &)> writer() const;

private:
  struct Server;
  std::shared_ptr<Server> server;
  bool json;
};

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_LOG_H
