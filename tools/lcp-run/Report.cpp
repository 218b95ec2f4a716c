//===- Report.cpp - What lcp-run prints -----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "Profile.h"
#include "common/base/Printable.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

namespace lcp::rt {
namespace {

using Json = nlohmann::ordered_json;

__attribute__((format(printf, 2, 3))) void append(std::string &text,
                                                  const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int size = std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  text.append(line, std::clamp<int>(size, 0, sizeof(line) - 1));
}

double elementAt(ElementType type, const std::byte *bytes, uint64_t index) {
  auto read = [&](auto value) {
    std::memcpy(&value, bytes + index * sizeof(value), sizeof(value));
    return double(value);
  };
  switch (type) {
  case ElementType::F32:
    return read(float());
  case ElementType::I8:
    return read(int8_t());
  case ElementType::I32:
    return read(int32_t());
  }
  return 0;
}

void appendAnswer(std::string &text, const Report::Answer &answer) {
  append(text, "%6llu  %12.6g  ", (unsigned long long)answer.index,
         answer.value);
  text += printable(answer.label);
  while (text.back() == ' ')
    text.pop_back();
  text += '\n';
}

void appendOutput(std::string &text, const Report::Output &output) {
  text += outputHead(output);
  if (output.answers.size() == 1) {
    text += " index         value  label\n";
    for (const Report::Answer &answer : output.answers[0])
      appendAnswer(text, answer);
    return;
  }
  for (size_t i = 0; i < output.answers.size(); ++i)
    text += answerLine(output, i);
}

/// "0,1,3": all of `count` that are not in `missing`.
std::string listPresent(size_t count, const std::vector<unsigned> &missing) {
  std::string list;
  for (unsigned branch = 0; branch < count; ++branch)
    if (!std::count(missing.begin(), missing.end(), branch))
      list += (list.empty() ? "" : ",") + std::to_string(branch);
  return list;
}

void appendBranches(std::string &text, const Report &report) {
  const size_t answers = report.missing.size();
  size_t whole = 0;
  for (size_t i = 0; i < answers; ++i) {
    if (report.missing[i].empty()) {
      ++whole;
      continue;
    }
    text += "branches" + (answers > 1 ? " of " + std::to_string(i) : "") +
            ": " + listPresent(report.branches, report.missing[i]) + " of " +
            std::to_string(report.branches) + "\n";
  }
  if (whole == answers && answers == 1)
    append(text, "branches: all %zu\n", report.branches);
  else if (answers > 1)
    append(text, "branches: all %zu in %zu of %zu answers\n", report.branches,
           whole, answers);
}

/// What the times of a benchmark begin with, for people; nothing where it is as
/// they expect.
const char *describeBegin(const Report &report) {
  if (!report.benchmarkInput)
    return "";
  return *report.benchmarkInput == ImageForm::File
             ? ", decoding the input's file included"
             : ", preprocessing the input's pixels included";
}

void appendBenchmark(std::string &text, const Report &report) {
  const BenchmarkResult &result = *report.benchmark;
  append(text,
         "benchmark: median %.4f ms, mean %.4f, deviation %.4f, min %.4f, "
         "p90 %.4f, p99 %.4f, max %.4f (%llu runs, %u threads%s)\n",
         result.median * 1e-6, result.mean * 1e-6,
         result.standardDeviation * 1e-6, result.min * 1e-6, result.p90 * 1e-6,
         result.p99 * 1e-6, result.max * 1e-6, (unsigned long long)result.runs,
         report.threads, describeBegin(report));
}

std::string describeAnswer(const Report::Answer &answer) {
  std::string text;
  append(text, " %.6g", answer.value);
  return "'" + printable(answer.label) + "'" + text;
}

void appendReencoded(std::string &text, const Report &report) {
  append(text, "input quality %u:", report.inputQuality);
  const char *separator = " ";
  for (const ReencodedInput &input : report.reencoded) {
    text += separator + ("'" + printable(input.name) + "'");
    append(text,
           " takes %llu bytes instead of %llu, elements differ by %.3g on "
           "average, %.3g at most",
           (unsigned long long)input.bytes,
           (unsigned long long)input.exactBytes, input.loss.mean,
           double(input.loss.largest));
    separator = "; ";
  }
  if (report.exactBest && report.reencodedBest)
    text += "; the best answer is " + describeAnswer(*report.reencodedBest) +
            " instead of " + describeAnswer(*report.exactBest);
  text += '\n';
}

void appendTraffic(std::string &text, const Report &report) {
  append(text, "cluster: %llu bytes sent, %llu received an inference",
         (unsigned long long)report.traffic->sent,
         (unsigned long long)report.traffic->received);
  if (report.predictedTraffic)
    append(text, " (%llu and %llu of tensors and images)",
           (unsigned long long)report.predictedTraffic->sent,
           (unsigned long long)report.predictedTraffic->received);
  text += '\n';
}

Json answersToJson(const std::vector<Report::Answer> &answers) {
  Json list = Json::array();
  for (const Report::Answer &answer : answers) {
    Json entry = {{"index", answer.index}, {"value", answer.value}};
    if (!answer.label.empty())
      entry["label"] = answer.label;
    list.push_back(std::move(entry));
  }
  return list;
}

Json reencodedToJson(const Report &report) {
  Json json = {{"quality", report.inputQuality}};
  for (const ReencodedInput &input : report.reencoded)
    json["inputs"].push_back({{"name", input.name},
                              {"bytes", input.bytes},
                              {"exact_bytes", input.exactBytes},
                              {"mean_difference", input.loss.mean},
                              {"largest_difference", input.loss.largest}});
  if (report.exactBest && report.reencodedBest) {
    json["top"] = answersToJson({*report.reencodedBest});
    json["exact_top"] = answersToJson({*report.exactBest});
  }
  return json;
}

const char *nameForm(std::optional<ImageForm> form) {
  if (!form)
    return "elements";
  return *form == ImageForm::File ? "file" : "pixels";
}

Json benchmarkToJson(const Report &report) {
  const BenchmarkResult &result = *report.benchmark;
  return {{"runs", result.runs},
          {"threads", report.threads},
          {"input", nameForm(report.benchmarkInput)},
          {"median_ms", result.median * 1e-6},
          {"mean_ms", result.mean * 1e-6},
          {"deviation_ms", result.standardDeviation * 1e-6},
          {"min_ms", result.min * 1e-6},
          {"p90_ms", result.p90 * 1e-6},
          {"p99_ms", result.p99 * 1e-6},
          {"max_ms", result.max * 1e-6}};
}

} // namespace

std::vector<Report::Answer> largest(const TensorSpec &spec, ByteSpan elements,
                                    const std::vector<std::string> &labels,
                                    unsigned count) {
  const uint64_t total = elements.size() / elementSize(spec.type);
  std::vector<Report::Answer> answers(total);
  for (uint64_t i = 0; i < total; ++i)
    answers[i] = {i, elementAt(spec.type, elements.data(), i), {}};
  auto end = answers.begin() + int64_t(std::min<uint64_t>(count, total));
  // NaN sorts last. Compared as it is, it would break the strict weak order.
  auto key = [](const Report::Answer &a) {
    return a.value == a.value ? a.value : -HUGE_VAL;
  };
  std::partial_sort(answers.begin(), end, answers.end(),
                    [&](const Report::Answer &a, const Report::Answer &b) {
                      return key(a) != key(b) ? key(a) > key(b)
                                              : a.index < b.index;
                    });
  answers.erase(end, answers.end());
  if (!labels.empty())
    for (Report::Answer &answer : answers)
      answer.label = labels[answer.index % labels.size()];
  return answers;
}

std::string outputHead(const Report::Output &output) {
  return "output '" + printable(output.spec.name) + "' " +
         toString(output.spec) + "\n";
}

std::string answerLine(const Report::Output &output, size_t i) {
  // Of a stack of inputs, the best class of each.
  std::string text;
  append(text, "%6zu: ", i);
  if (output.answers[i].empty())
    text += '\n';
  else
    appendAnswer(text, output.answers[i][0]);
  return text;
}

std::string toText(const Report &report) {
  std::string text;
  if (!report.answersPrinted)
    for (const Report::Output &output : report.outputs)
      appendOutput(text, output);
  if (report.branches)
    appendBranches(text, report);
  if (report.inputQuality)
    appendReencoded(text, report);
  for (const GoldenComparison &golden : report.golden)
    append(text, "golden %zu, output '%s': error %.3g, tolerance %.3g: %s\n",
           golden.set, golden.output.c_str(), golden.error, golden.tolerance,
           golden.passed() ? "ok" : "WRONG");
  if (report.benchmark)
    appendBenchmark(text, report);
  if (!report.paces.empty())
    text += "modelled: times are those of an emulated device (--pace): " +
            report.paces + "\n";
  for (const std::string &missed : report.missedPaces)
    text += "warning: " + missed + "\n";
  if (report.traffic)
    appendTraffic(text, report);
  if (report.profiledRuns)
    text += profileToText(report);
  return text;
}

std::string toJson(const Report &report) {
  Json json = {{"model", report.model}};
  for (const Report::Output &output : report.outputs) {
    Json answers = Json::array();
    for (const std::vector<Report::Answer> &best : output.answers)
      answers.push_back(answersToJson(best));
    json["outputs"].push_back({{"name", output.spec.name},
                               {"type", elementTypeName(output.spec.type)},
                               {"shape", output.spec.shape},
                               {"top", std::move(answers)}});
  }
  for (const std::vector<unsigned> &missing : report.missing) {
    Json present = Json::array();
    for (unsigned branch = 0; branch < report.branches; ++branch)
      if (!std::count(missing.begin(), missing.end(), branch))
        present.push_back(branch);
    json["branches"].push_back(std::move(present));
  }
  if (report.inputQuality)
    json["input_quality"] = reencodedToJson(report);
  for (const GoldenComparison &golden : report.golden)
    json["golden"].push_back({{"set", golden.set},
                              {"output", golden.output},
                              {"error", golden.error},
                              {"tolerance", golden.tolerance},
                              {"ok", golden.passed()}});
  if (report.benchmark)
    json["benchmark"] = benchmarkToJson(report);
  if (!report.paces.empty())
    json["modelled"] = {{"paces", report.paces},
                        {"missed", report.missedPaces}};
  if (report.traffic)
    json["traffic"] = {{"sent_bytes", report.traffic->sent},
                       {"received_bytes", report.traffic->received}};
  if (report.predictedTraffic) {
    json["traffic"]["predicted_sent_bytes"] = report.predictedTraffic->sent;
    json["traffic"]["predicted_received_bytes"] =
        report.predictedTraffic->received;
  }
  if (!report.profile.empty())
    json["profile"] = profileToJson(report);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace lcp::rt
