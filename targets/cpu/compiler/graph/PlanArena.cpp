//===- PlanArena.cpp - Place the values between steps in one arena --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/MemoryPlan.h"
#include "common/base/Tensor.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_PLANARENA
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

/// A result in the arena, alive from the step that writes it to the last that
/// reads it.
struct Buffer {
  func::CallOp call;
  ::lcp::Lifetime life;
};

uint64_t getBytes(Value value) {
  auto type = getTensorType(value);
  int64_t bytes = getView(type, getLayout(value)).elements *
                  (type.getElementTypeBitWidth() / 8);
  return bytes + ::lcp::tensorSlack;
}

struct PlanArenaPass : impl::PlanArenaBase<PlanArenaPass> {
  void runOnOperation() override {
    uint64_t peak = 0;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal()) {
        FailureOr<uint64_t> size = plan(function);
        if (failed(size))
          return signalPassFailure();
        peak = std::max(peak, *size);
      }
    getOperation()->setAttr(kArenaBytesAttr,
                            Builder(&getContext()).getI64IntegerAttr(peak));
  }

  SmallVector<Buffer> findBuffers(func::FuncOp function) {
    llvm::DenseMap<Value, int64_t> outputs;
    auto ret = cast<func::ReturnOp>(function.getBody().front().getTerminator());
    for (auto [i, value] : llvm::enumerate(ret.getOperands()))
      outputs[getStorage(value)] = i;

    Builder b(&getContext());
    SmallVector<Buffer> buffers;
    llvm::DenseMap<Value, size_t> index;
    uint32_t time = 0;
    for (auto call : function.getOps<func::CallOp>()) {
      ++time;
      for (Value operand : call.getOperands())
        if (auto it = index.find(getStorage(operand)); it != index.end())
          buffers[it->second].life.last = time;
      Value result = call.getResult(0);
      if (auto it = outputs.find(result); it != outputs.end()) {
        call->setAttr(kOutputAttr, b.getI64IntegerAttr(it->second));
        continue;
      }
      index[result] = buffers.size();
      buffers.push_back({call, {getBytes(result), time, time}});
    }
    return buffers;
  }

  FailureOr<uint64_t> plan(func::FuncOp function) {
    SmallVector<Buffer> buffers = findBuffers(function);
    std::vector<::lcp::Lifetime> lives;
    for (const Buffer &buffer : buffers)
      lives.push_back(buffer.life);
    auto planned = ::lcp::planMemory(lives);
    if (!planned.ok())
      return function.emitError(planned.status().message());
    Builder b(&getContext());
    for (auto [buffer, offset] : llvm::zip_equal(buffers, planned->offsets))
      buffer.call->setAttr(kOffsetAttr, b.getI64IntegerAttr(offset));
    return planned->size;
  }
};

} // namespace
} // namespace mlir::lcp::cpu
