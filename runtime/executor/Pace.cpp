//===- Pace.cpp - Branches that answer at another device's time -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Pace.h"

#include "runtime/platform/Time.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

using namespace lcp;
using namespace lcp::rt;

/// An hour: more is a slip.
static constexpr double maxMilliseconds = 3.6e6;

static std::string milliseconds(uint64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g ms", double(nanoseconds) * 1e-6);
  return text;
}

void BranchPace::wait(uint64_t begin) {
  const uint64_t end = begin + nanoseconds, now = monotonicNanoseconds();
  ++allRuns;
  longest = std::max<uint64_t>(longest, now - begin);
  if (now > end) {
    ++lateRuns;
    return;
  }
  timespec until;
  until.tv_sec = time_t(end / 1000000000u);
  until.tv_nsec = long(end % 1000000000u);
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) ==
         EINTR) {
  }
}

static bool hasBranch(const ModelInfo &model, const std::string &name) {
  for (const ModelStage *stage : model.stages())
    for (const ModelBranch &branch : stage->branches)
      if (branch.name == name)
        return true;
  return false;
}

Result<Pace> Pace::parse(const std::vector<std::string> &arguments,
                         const ModelInfo &model) {
  Pace pace;
  for (const std::string &argument : arguments) {
    const size_t sign = argument.find('=');
    const std::string name = argument.substr(0, sign);
    const char *number =
        sign == std::string::npos ? "" : argument.c_str() + sign + 1;
    char *end = nullptr;
    const double time = std::strtod(number, &end);
    if (*number == '\0' || *end != '\0' ||
        !(time >= 0 && time <= maxMilliseconds))
      return Status(StatusCode::InvalidArgument,
                    "--pace: '" + argument +
                        "' is not BRANCH=MILLISECONDS, such as s0.b2=12.5");
    if (!hasBranch(model, name))
      return Status(StatusCode::NotFound,
                    "--pace: " + model.name + " has no branch '" + name + "'");
    pace.branches[name] = std::make_unique<BranchPace>(uint64_t(time * 1e6));
  }
  return pace;
}

BranchPace *Pace::find(const std::string &branch) const {
  auto found = branches.find(branch);
  return found == branches.end() ? nullptr : found->second.get();
}

std::string Pace::describe() const {
  std::string text;
  for (const auto &[name, branch] : branches)
    text +=
        (text.empty() ? "" : ", ") + name + " " + milliseconds(branch->time());
  return text;
}

std::vector<std::string> Pace::describeMisses() const {
  std::vector<std::string> lines;
  for (const auto &[name, branch] : branches)
    if (branch->misses())
      lines.push_back("branch " + name + " took longer here than its pace of " +
                      milliseconds(branch->time()) + ", up to " +
                      milliseconds(branch->slowest()) + ", in " +
                      std::to_string(branch->misses()) + " of " +
                      std::to_string(branch->runs()) + " runs");
  return lines;
}

static Result<std::vector<AlignedBuffer>>
allocateAll(Span<const TensorSpec> specs) {
  std::vector<AlignedBuffer> buffers;
  for (const TensorSpec &spec : specs) {
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
    LCP_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::allocate(size));
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}

Result<LastAnswer> LastAnswer::allocate(Span<const TensorSpec> inputs,
                                        Span<const TensorSpec> outputs) {
  LastAnswer answer;
  LCP_ASSIGN_OR_RETURN(answer.inputs, allocateAll(inputs));
  LCP_ASSIGN_OR_RETURN(answer.outputs, allocateAll(outputs));
  return answer;
}

bool LastAnswer::recall(Span<const void *const> asked,
                        Span<void *const> answer) const {
  if (!known)
    return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (std::memcmp(asked[i], inputs[i].data(), inputs[i].size()) != 0)
      return false;
  for (size_t i = 0; i < outputs.size(); ++i)
    std::memcpy(answer[i], outputs[i].data(), outputs[i].size());
  return true;
}

void LastAnswer::remember(Span<const void *const> asked,
                          Span<void *const> answer) {
  for (size_t i = 0; i < inputs.size(); ++i)
    std::memcpy(inputs[i].data(), asked[i], inputs[i].size());
  for (size_t i = 0; i < outputs.size(); ++i)
    std::memcpy(outputs[i].data(), answer[i], outputs[i].size());
  known = true;
}
