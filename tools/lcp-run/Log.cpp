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
#include <mutex>
#include <nlohmann/json.hpp>

using namespace lcp;
using namespace lcp::rt;
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

struct Log::Server {
  std::mutex mutex;
  std::string address;
};

Log::Log(const std::string &address, bool json)
    : server(std::make_shared<Server>()), json(json) {
  setAddress(address);
}

void Log::setAddress(const std::string &address) {
  std::lock_guard<std::mutex> lock(server->mutex);
  server->address = address;
}

std::function<void(const std::string &)> Log::writer() const {
  if (!json)
    return [](const std::string &line) {
      std::fprintf(stderr, "lcp-run: %s\n", printable(line).c_str());
    };
  return [server = server](const std::string &line) {
    std::lock_guard<std::mutex> lock(server->mutex);
    const Json object = {
        {"time", timestamp()}, {"server", server->address}, {"message", line}};
    std::fprintf(
        stderr, "%s\n",
        object.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
  };
}
