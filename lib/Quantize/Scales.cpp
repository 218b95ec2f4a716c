//===- Scales.cpp - One scale for every i8 value -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scales.h"
#include "lcp/Quantize/Calibrate.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;

// A value that was always zero, or as good as: any scale serves.
static constexpr float kMinRange = 1e-30f;

static FailureOr<ArrayRef<float>> getRecord(Operation *op) {
  auto record = op->getAttrOfType<DenseF32ArrayAttr>(kMaxAbsAttr);
  if (!record)
    return op->emitError("has no calibrated range; run lcp-calibrate first");
  ArrayRef<float> values = record.asArrayRef();
  bool usable =
      values.size() == op->getNumOperands() + op->getNumResults() &&
      llvm::all_of(values, [](float v) { return std::isfinite(v) && v >= 0; });
  if (!usable)
    return op->emitError("'")
           << kMaxAbsAttr << "' must hold one finite magnitude for each "
           << "operand and result";
  return values;
}

FailureOr<Scales> Scales::create(func::FuncOp function,
                                 const Classification &classes) {
  Scales scales;
  llvm::DenseMap<void *, float> single;
  for (Operation &op : function.getBody().front()) {
    if (!classes.isInteger(&op))
      continue;
    FailureOr<ArrayRef<float>> record = getRecord(&op);
    if (failed(record))
      return failure();
    void *result = op.getResult(0).getAsOpaquePointer();
    scales.groups.insert(result);
    single[result] = record->back();
    for (auto [operand, range] : llvm::zip(op.getOperands(), *record)) {
      if (operand.getDefiningOp<ConstantOp>())
        continue;
      void *key = operand.getAsOpaquePointer();
      scales.groups.insert(key);
      single[key] = std::max(single[key], range);
      if (classes.getForm(&op) == IntegerForm::Move)
        scales.groups.unionSets(result, key);
    }
  }
  for (auto [value, range] : single) {
    float &all = scales.ranges[scales.groups.getLeaderValue(value)];
    all = std::max(all, range);
  }
  return scales;
}

double Scales::get(Value value) const {
  float range =
      ranges.lookup(groups.getLeaderValue(value.getAsOpaquePointer()));
  return range < kMinRange ? 1.0f : range / QuantSpec::kMaxMagnitude;
}
