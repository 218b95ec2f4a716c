//===- Calibrate.cpp - Ranges of values, from sample inputs --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/Calibrate.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Quantize/Passes.h"
#include "lcp/Reference/Evaluate.h"
#include "mlir/IR/Builders.h"
#include <cmath>

namespace mlir::lcp {
#define GEN_PASS_DEF_LCPCALIBRATE
#include "lcp/Quantize/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

static bool isRecorded(Operation *op) {
  return isa<LCPDialect>(op->getDialect()) && !isa<ConstantOp>(op);
}

LogicalResult mlir::lcp::calibrate(func::FuncOp function,
                                   ArrayRef<Sample> samples) {
  if (samples.empty())
    return function.emitError("cannot be calibrated without a sample");
  DenseMap<Value, double> ranges;
  Value unbounded;
  auto observe = [&](Value value, const reference::Tensor &tensor) {
    double magnitude = tensor.maxAbs();
    if (!std::isfinite(magnitude) && !unbounded)
      unbounded = value;
    double &range = ranges[value];
    range = std::max(range, magnitude);
  };
  for (const Sample &sample : samples) {
    if (failed(reference::evaluate(function, sample, observe)))
      return failure();
    if (unbounded)
      return emitError(unbounded.getLoc(),
                       "a value that is not finite on a calibration sample; "
                       "check the sample's preprocessing");
  }
  Builder builder(function.getContext());
  function.walk([&](Operation *op) {
    if (!isRecorded(op))
      return;
    SmallVector<float> record;
    for (Value operand : op->getOperands())
      record.push_back(ranges.lookup(operand));
    for (Value result : op->getResults())
      record.push_back(ranges.lookup(result));
    op->setAttr(kMaxAbsAttr, builder.getDenseF32ArrayAttr(record));
  });
  return success();
}

// The standard library's distributions differ between implementations, so the
// numbers are made here: SplitMix64 (Steele, Lea, Flood 2014) and the sum of
// twelve uniform numbers less six, which has mean 0 and variance 1.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static double nextNormal(uint64_t &state) {
  double sum = -6;
  for (int i = 0; i < 12; ++i)
    sum += std::ldexp(static_cast<double>(nextRandom(state) >> 11), -53);
  return sum;
}

SmallVector<Sample> mlir::lcp::makeSeededSamples(func::FuncOp function,
                                                 unsigned count,
                                                 uint64_t seed) {
  SmallVector<Sample> samples(count);
  for (Sample &sample : samples)
    for (Type type : function.getArgumentTypes()) {
      auto tensor = reference::Tensor::zeros(cast<RankedTensorType>(type));
      // f32 arguments are f32 numbers on every machine.
      for (double &element : tensor.floats)
        element = static_cast<float>(nextNormal(seed));
      for (int32_t &element : tensor.ints)
        element = static_cast<int32_t>(nextRandom(seed) % 255) - 127;
      sample.push_back(std::move(tensor));
    }
  return samples;
}

bool mlir::lcp::isCalibrated(func::FuncOp function) {
  WalkResult result = function.walk([](Operation *op) {
    return isRecorded(op) && !op->hasAttr(kMaxAbsAttr) ? WalkResult::interrupt()
                                                       : WalkResult::advance();
  });
  return !result.wasInterrupted();
}

namespace {
struct CalibratePass : lcp::impl::LCPCalibrateBase<CalibratePass> {
  using LCPCalibrateBase::LCPCalibrateBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    emitWarning(function.getLoc(), "ranges come from ")
        << samples.getValue()
        << " seeded inputs, not from data; calibrate with "
        << "lcp-compile --calibrate=FILE.npy";
    if (failed(calibrate(function, makeSeededSamples(function, samples, seed))))
      return signalPassFailure();
    function.walk([&](Operation *op) { recorded += op->hasAttr(kMaxAbsAttr); });
  }
};
} // namespace
