//===- Stations.h - Where an inference was on a worker ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_STATIONS_H
#define LCP_RUNTIME_RPC_STATIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lcp::rt {

/// Of an inference on its way through a worker, by the worker's steady clock.
struct Station {
  /// "queue", "compute".
  std::string name;
  /// Nanoseconds since that clock's zero.
  int64_t begin = 0, end = 0;
};

/// The parameter lcp_trace of an answer: "queue 12 34 compute 34 56".
std::string formatStations(const std::vector<Station> &stations);
/// Nothing if it is no such text, of at most 16 stations that end after they
/// begin.
std::optional<std::vector<Station>> parseStations(const std::string &text);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_STATIONS_H
