//===- Elementwise.cpp - Steps of elementwise ops alone -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/Map.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static void emitElementwise(StepEmitter &step) {
  KernelBuilder &k = step.k;
  const TensorLayout &result = step.result.tensor;
  BufferView view = step.result.view();
  SmallVector<Value> outside;
  SmallVector<MapAccess> reads;
  for (Operation *op = step.root; !op->hasTrait<OpTrait::IsTerminator>();
       op = op->getNextNode())
    for (Value operand : op->getOperands()) {
      if (!isa<BlockArgument>(operand) || llvm::is_contained(outside, operand))
        continue;
      BufferedTensor tensor = step.operand(operand);
      BufferView from = getBroadcastView(
          result.type, result.layout, tensor.tensor.type, tensor.tensor.layout);
      outside.push_back(operand);
      reads.push_back({tensor.buffer, from.strides, from.origin});
    }
  MapAccess out{step.result.buffer, view.strides, view.origin};
  emitMap(k, view.sizes, out, reads, [&](ArrayRef<Value> values, int64_t) {
    auto load = [&](Value operand) {
      return values[llvm::find(outside, operand) - outside.begin()];
    };
    SmallVector<Value> inputs =
        llvm::map_to_vector(step.root->getOperands(), load);
    return step.applyFused(emitElementwiseOp(k, step.root, inputs), load);
  });
}

namespace {
class ElementwiseKernel : public Kernel {
public:
  StringRef getName() const override { return "elementwise"; }
  bool appliesTo(func::FuncOp step) const override {
    return isElementwise(getRoot(step));
  }
  void emit(StepEmitter &step) const override { emitElementwise(step); }
};
} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createElementwise() {
  return std::make_unique<ElementwiseKernel>();
}
