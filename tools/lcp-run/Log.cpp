//===- Log.cpp - Lines about what a server meets --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Log.h"

#include "common/base/Printable.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

using namespace lcp;
using Json = nlohmann::ordered_json;

/// "2026-11-27T22:30:00.125Z".
static std::string timestamp() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  const auto rest =
      duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts = {};
  char day[32], text[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S",
                gmtime_r(&seconds, &parts));
  std::snprintf(text, sizeof text, "%s.%03dZ", day, int(rest));
  return text;
}

std::function<void(const std::string &)>
lcp::rt::makeLog(const std::string &server, bool json) {
  if (!json)
    return [](const std::string &line) {
      std::fprintf(stderr, "lcp-run: %s\n", printable(line).c_str());
    };
  return [server](const std::string &line) {
    const Json object = {
        {"time", timestamp()}, {"server", server}, {"message", line}};
    std::fprintf(
        stderr, "%s\n",
        object.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
  };
}
