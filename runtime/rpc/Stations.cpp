//===- Stations.cpp - Where an inference was on a worker ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Stations.h"

#include <sstream>

using namespace lcp::rt;

std::string lcp::rt::formatStations(const std::vector<Station> &stations) {
  std::string text;
  for (const Station &station : stations)
    text += (text.empty() ? "" : " ") + station.name + " " +
            std::to_string(station.begin) + " " + std::to_string(station.end);
  return text;
}

std::optional<std::vector<Station>>
lcp::rt::parseStations(const std::string &text) {
  constexpr size_t most = 16, longestName = 32;
  std::vector<Station> stations;
  std::istringstream words(text);
  for (Station station; words >> station.name;) {
    if (!(words >> station.begin >> station.end) || station.begin < 0 ||
        station.end < station.begin || station.name.size() > longestName ||
        stations.size() == most)
      return std::nullopt;
    stations.push_back(station);
  }
  return stations;
}
