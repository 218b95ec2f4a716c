//===- Metrics.cpp - What a server counts ---------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Metrics.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

/// Without the comma that some locales write.
static std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.9g", value);
  std::replace(text, text + sizeof(text), ',', '.');
  return text;
}

static void appendValue(std::string &page, const std::string &name,
                        const std::string &labels, double value) {
  page += name;
  if (!labels.empty())
    page += "{" + labels + "}";
  page += " " + number(value) + "\n";
}

void Histogram::add(std::chrono::nanoseconds duration) {
  const double seconds = double(duration.count()) * 1e-9;
  const auto *bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds);
  ++counts[size_t(bucket - bounds.begin())];
  nanoseconds += uint64_t(std::max<int64_t>(0, duration.count()));
}

void Histogram::append(std::string &page, const std::string &name,
                       const std::string &labels) const {
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound =
        i < bounds.size() ? number(bounds[i]) : std::string("+Inf");
    appendValue(page, name + "_bucket", labels + ",le=\"" + bound + "\"",
                double(total));
  }
  appendValue(page, name + "_sum", labels, double(nanoseconds) * 1e-9);
  appendValue(page, name + "_count", labels, double(total));
}

void lcp::rt::appendMetricHead(std::string &page, const char *name,
                               const char *type, const char *help) {
  page += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name +
          " " + type + "\n";
}

void lcp::rt::appendMetric(std::string &page, const char *name,
                           const char *type, const char *help, double value) {
  appendMetricHead(page, name, type, help);
  appendValue(page, name, "", value);
}

void ModelMetrics::append(std::string &page, const std::string &label) const {
  for (size_t code = 0; code < codes; ++code)
    if (answers[code])
      appendValue(page, "lcp_requests_total",
                  label + ",code=\"" +
                      std::string(statusCodeName(StatusCode(code))) + "\"",
                  double(answers[code]));
  if (abandoned)
    appendValue(page, "lcp_requests_total", label + ",code=\"abandoned\"",
                double(abandoned));
}

/// As /proc counts it.
static double residentBytes() {
  std::ifstream file("/proc/self/statm");
  double whole = 0, resident = 0;
  file >> whole >> resident;
  return resident * double(::sysconf(_SC_PAGESIZE));
}

void lcp::rt::appendProcessMetrics(std::string &page) {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &time) {
    return double(time.tv_sec) + double(time.tv_usec) * 1e-6;
  };
  appendMetric(page, "process_resident_memory_bytes", "gauge",
               "Resident memory.", residentBytes());
  appendMetric(page, "process_cpu_seconds_total", "counter",
               "User and system time.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
}
