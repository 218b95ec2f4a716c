//===- RunInputs.cpp - A stream of inferences -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunInputs.h"
#include "Interrupt.h"

#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace lcp::rt {
namespace {

/// What --output wants: one output of all inferences. Empty if it does not.
struct Stack {
  AlignedBuffer elements;
  uint64_t size = 0;
};

/// What one inference came to.
struct Outcome {
  Status status;
  /// For each output.
  std::vector<std::vector<Report::Answer>> answers;
  std::vector<unsigned> missing;
};

/// Inferences that threads share, and what came of them, in order.
class Stream {
public:
  Stream(const RunOptions &options, const InputSet &inputs,
         std::vector<Stack> &stacks, Report &report)
      : options(options), inputs(inputs), stacks(stacks), report(report) {}

  /// Takes inferences until there are none left, one has failed, or the user
  /// does not want more. From any thread, with an executor of its own.
  void run(Executor &executor) {
    while (std::optional<uint64_t> i = take())
      give(*i, infer(executor, *i));
  }

  /// When all have run: how many answers there are, from the first on, and why
  /// there is no other.
  uint64_t done() const { return done_; }
  const Status &status() const { return status_; }

private:
  std::optional<uint64_t> take();
  Outcome infer(Executor &executor, uint64_t i) const;
  void give(uint64_t i, Outcome outcome);
  Status append(Outcome outcome);

  const RunOptions &options;
  const InputSet &inputs;
  std::vector<Stack> &stacks;
  Report &report;
  std::mutex mutex;
  uint64_t next = 0, done_ = 0;
  bool stopped = false;
  /// Those that are there before one of those before them.
  std::map<uint64_t, Outcome> early;
  Status status_;
};

std::optional<uint64_t> Stream::take() {
  std::lock_guard<std::mutex> lock(mutex);
  if (stopped || next == inputs.count || interruption())
    return std::nullopt;
  return next++;
}

Outcome Stream::infer(Executor &executor, uint64_t i) const {
  Outcome outcome;
  inputs.fill(executor, i);
  outcome.status = executor.run();
  if (!outcome.status.ok())
    return outcome;
  const ModelInfo &model = executor.model();
  outcome.missing = executor.missing();
  for (size_t o = 0; o < model.outputs.size(); ++o) {
    ByteSpan bytes = executor.output(o);
    if (stacks[o].size > 0)
      std::memcpy(stacks[o].elements.data() + i * bytes.size(), bytes.data(),
                  bytes.size());
    outcome.answers.push_back(largest(model.outputSpec(o), bytes,
                                      model.outputs[o].labels, options.top));
  }
  return outcome;
}

void Stream::give(uint64_t i, Outcome outcome) {
  std::lock_guard<std::mutex> lock(mutex);
  // Those that are under way go on: one before this may fail too.
  stopped |= !outcome.status.ok();
  early.emplace(i, std::move(outcome));
  while (status_.ok() && !early.empty() && early.begin()->first == done_) {
    status_ = append(std::move(early.begin()->second));
    early.erase(early.begin());
    done_ += status_.ok();
  }
  stopped |= !status_.ok();
}

/// As they come: whatever happens to the later ones, or to this process.
Status Stream::append(Outcome outcome) {
  LCP_RETURN_IF_ERROR(std::move(outcome.status));
  ++report.profiledRuns;
  if (report.branches)
    report.missing.push_back(std::move(outcome.missing));
  for (size_t o = 0; o < outcome.answers.size(); ++o)
    report.outputs[o].answers.push_back(std::move(outcome.answers[o]));
  return report.answersPrinted ? print(answerLine(report.outputs[0], done_))
                               : Status();
}

/// A thread for each executor; where there are no more threads, with fewer.
void runOn(Stream &stream, const std::vector<Executor *> &executors) {
  std::vector<std::thread> threads;
  for (size_t i = 1; i < executors.size(); ++i) {
    try {
      threads.emplace_back(
          [&stream, executor = executors[i]] { stream.run(*executor); });
    } catch (const std::system_error &) {
      break;
    }
  }
  stream.run(*executors.front());
  for (std::thread &thread : threads)
    thread.join();
}

/// Why there are `done` answers to `count` inferences, if that is too few.
Status explainEnd(Status status, uint64_t done, uint64_t count) {
  const std::string of = " of " + std::to_string(count);
  if (status.ok() && done < count)
    return Status(StatusCode::Unavailable,
                  "interrupted after " + std::to_string(done) + of +
                      " inferences, whose answers are kept");
  if (status.ok() || count == 1)
    return status;
  return std::move(status).withContext("inference " + std::to_string(done + 1) +
                                       of + ", after " + std::to_string(done) +
                                       " answers that are kept");
}

/// Writes the outputs of the first `count` inferences.
Status writeStacks(const RunOptions &options, const InputSet &inputs,
                   const ModelInfo &model, const std::vector<Stack> &stacks,
                   uint64_t count) {
  for (size_t o = 0; o < stacks.size(); ++o) {
    if (stacks[o].size == 0)
      continue;
    TensorSpec spec = model.outputSpec(o);
    // Stack along the batch where it is 1, along a new axis otherwise.
    if (inputs.stacked && !spec.shape.empty() && spec.shape[0] == 1)
      spec.shape[0] = int64_t(count);
    else if (inputs.stacked)
      spec.shape.insert(spec.shape.begin(), int64_t(count));
    LCP_RETURN_IF_ERROR(
        writeTensor(options.outputs[o], spec,
                    {stacks[o].elements.data(), stacks[o].size * count}));
  }
  return {};
}

} // namespace

Status print(const std::string &text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0)
    return {};
  return Status(StatusCode::ResourceExhausted,
                "cannot write to standard output");
}

Status runInputs(const RunOptions &options, const InputSet &inputs,
                 Lanes &lanes, Report &report) {
  const ModelInfo &model = lanes.first().model();
  std::vector<Stack> stacks(model.outputs.size());
  for (size_t o = 0; o < model.outputs.size(); ++o) {
    report.outputs.push_back({model.outputSpec(o), {}});
    if (options.outputs.empty() || options.outputs[o].empty())
      continue;
    stacks[o].size = lanes.first().output(o).size();
    LCP_ASSIGN_OR_RETURN(
        stacks[o].elements,
        AlignedBuffer::allocate(stacks[o].size * inputs.count));
  }
  LCP_ASSIGN_OR_RETURN(std::vector<Executor *> executors,
                       lanes.forStream(inputs.count));
  report.answersPrinted =
      !options.json && inputs.count > 1 && model.outputs.size() == 1;
  if (report.answersPrinted)
    LCP_RETURN_IF_ERROR(print(outputHead(report.outputs[0])));
  Stream stream(options, inputs, stacks, report);
  runOn(stream, executors);
  if (const uint64_t done = stream.done(); done > 0)
    LCP_RETURN_IF_ERROR(writeStacks(options, inputs, model, stacks, done));
  return explainEnd(stream.status(), stream.done(), inputs.count);
}

} // namespace lcp::rt
