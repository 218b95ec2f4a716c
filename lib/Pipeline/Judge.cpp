//===- Judge.cpp - How well a changed network answers, measured -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Pipeline/Judge.h"
#include "Samples.h"
#include "lcp/Reference/Evaluate.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;

using Answer = std::vector<double>;

static FailureOr<Answer> answerOf(func::FuncOp network, Value output,
                                  const Sample &sample) {
  Answer answer;
  auto keep = [&](Value value, const reference::Tensor &tensor) {
    if (value == output)
      answer = tensor.floats;
  };
  if (failed(reference::evaluate(network, sample, keep)))
    return failure();
  return answer;
}

static void centre(Answer &answer) {
  double mean = 0;
  for (double element : answer)
    mean += element / answer.size();
  for (double &element : answer)
    element -= mean;
}

/// Pearson's correlation; 0 where one of the two is constant or not finite.
static double correlate(const Answer &a, const Answer &b) {
  double aa = 0, bb = 0, ab = 0;
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  double result = ab / std::sqrt(aa * bb);
  return std::isfinite(result) ? result : 0;
}

namespace {
/// The inputs that are judged by, and the original's answers to them, centred.
struct ReferenceJudge {
  SmallVector<Sample> samples;
  std::vector<Answer> answers;

  LogicalResult learn(func::FuncOp original, Value output);
  FailureOr<double> score(func::FuncOp network, Value output) const;
};
} // namespace

LogicalResult ReferenceJudge::learn(func::FuncOp original, Value output) {
  for (const Sample &sample : samples) {
    FailureOr<Answer> answer = answerOf(original, output, sample);
    if (failed(answer))
      return failure();
    centre(*answer);
    answers.push_back(std::move(*answer));
  }
  return success();
}

FailureOr<double> ReferenceJudge::score(func::FuncOp network,
                                        Value output) const {
  double sum = 0;
  for (auto [sample, expected] : llvm::zip_equal(samples, answers)) {
    FailureOr<Answer> answer = answerOf(network, output, sample);
    if (failed(answer))
      return failure();
    centre(*answer);
    sum += correlate(*answer, expected);
  }
  return sum / samples.size();
}

FailureOr<OutputJudge> mlir::lcp::openReferenceJudge(func::FuncOp original,
                                                     Value output,
                                                     StringRef path) {
  FailureOr<SmallVector<Sample>> samples =
      readSamples(original, path, std::nullopt);
  if (failed(samples))
    return failure();
  ReferenceJudge judge{std::move(*samples), {}};
  if (failed(judge.learn(original, output)))
    return failure();
  return OutputJudge(
      [judge = std::move(judge)](func::FuncOp network, Value value) {
        return judge.score(network, value);
      });
}
