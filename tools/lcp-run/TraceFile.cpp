//===- TraceFile.cpp - A trace for Perfetto -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TraceFile.h"

#include "runtime/platform/OutputFile.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

using namespace lcp;
using namespace lcp::rt;
using Json = nlohmann::ordered_json;

namespace {

/// The numbers of processes and threads, and the events that name them.
class Places {
public:
  explicit Places(Json &events) : events(events) {}

  std::pair<int, int> of(const std::string &machine, const std::string &lane) {
    auto [process, isNew] = machines.emplace(machine, int(machines.size()) + 1);
    if (isNew)
      name("process_name", process->second, 0, machine);
    auto [thread, newThread] =
        lanes.emplace(std::make_pair(machine, lane), int(lanes.size()) + 1);
    if (newThread)
      name("thread_name", process->second, thread->second, lane);
    return {process->second, thread->second};
  }

private:
  void name(const char *what, int process, int thread,
            const std::string &text) {
    events.push_back({{"ph", "M"},
                      {"name", what},
                      {"pid", process},
                      {"tid", thread},
                      {"args", {{"name", text}}}});
  }

  Json &events;
  std::map<std::string, int> machines;
  std::map<std::pair<std::string, std::string>, int> lanes;
};

} // namespace

static Json eventsOf(std::vector<Trace::Span> spans) {
  // Of two that begin together the outer one comes first.
  std::sort(spans.begin(), spans.end(), [](const auto &a, const auto &b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  Json events = Json::array();
  Places places(events);
  auto microseconds = [](auto time) {
    return std::chrono::duration<double, std::micro>(time).count();
  };
  for (const Trace::Span &span : spans) {
    const auto [process, thread] = places.of(span.machine, span.lane);
    Json details = Json::object();
    for (const auto &[name, text] : span.details)
      details[name] = text;
    events.push_back({{"ph", "X"},
                      {"name", span.name},
                      {"pid", process},
                      {"tid", thread},
                      {"ts", microseconds(span.begin - spans.front().begin)},
                      {"dur", microseconds(span.end - span.begin)},
                      {"args", details}});
  }
  return events;
}

Status lcp::rt::writeTrace(const std::string &path, const Trace &trace) {
  const Json file = {{"displayTimeUnit", "ms"},
                     {"traceEvents", eventsOf(trace.spans())}};
  const std::string text =
      file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  LCP_ASSIGN_OR_RETURN(OutputFile out, OutputFile::create(path));
  LCP_RETURN_IF_ERROR(out.write(
      {reinterpret_cast<const std::byte *>(text.data()), text.size()}));
  return out.commit();
}
