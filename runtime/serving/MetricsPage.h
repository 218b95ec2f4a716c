//===- MetricsPage.h - GET /metrics -----------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_METRICSPAGE_H
#define LCP_RUNTIME_SERVING_METRICSPAGE_H

#include "runtime/rpc/EventLoop.h"

#include <functional>
#include <string>

namespace lcp::rt {

/// Answers "GET /metrics" over HTTP/1.1 on one address, and nothing else: one
/// page of text, then the connection is closed. A handful of peers at a time,
/// each with a few seconds.
class MetricsPage {
public:
  using Writer = std::function<std::string()>;

  /// `address` is HOST:PORT, port 0 takes a free one. `writer` makes the page,
  /// on the loop's thread, which outlives the result. Fails if the address
  /// cannot be listened on.
  static Result<std::unique_ptr<MetricsPage>>
  start(EventLoop &loop, const std::string &address, Writer writer);

  /// Not on the loop's thread.
  ~MetricsPage();

  /// Where it listens, as numbers.
  const std::string &address() const { return address_; }

private:
  class Listener;
  class Peer;

  explicit MetricsPage(EventLoop &loop);

  EventLoop &loop;
  std::string address_;
  std::unique_ptr<Listener> listener;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_METRICSPAGE_H
