//===- PlanArena.cpp - Place the values between steps in one arena ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Layout.h"
#include "targets/cpu/compiler/OpTraits.h"
#include "targets/cpu/compiler/Passes.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_PLANARENA
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

constexpr int64_t kAlignment = 64;
/// Loads of strided rows may run this far past a buffer (Layout.h): the last
/// of `stride` vectors, at most four of 64 bytes.
constexpr int64_t kSlack = 256;

/// A result in the arena, alive from the step that writes it to the last that
/// reads it.
struct Buffer {
  func::CallOp call;
  int64_t bytes = 0, first = 0, last = 0, offset = 0;

  bool overlaps(const Buffer &other) const {
    return first <= other.last && other.first <= last;
  }
};

int64_t getBytes(Value value) {
  auto type = getTensorType(value);
  int64_t bytes = getView(type, getLayout(value)).elements *
                  (type.getElementTypeBitWidth() / 8);
  return llvm::alignTo(bytes + kSlack, kAlignment);
}

/// Lowest place between the buffers that are already placed and alive.
int64_t findOffset(const Buffer &buffer, ArrayRef<Buffer *> placed) {
  SmallVector<std::pair<int64_t, int64_t>> taken;
  for (Buffer *other : placed)
    if (buffer.overlaps(*other))
      taken.push_back({other->offset, other->offset + other->bytes});
  llvm::sort(taken);
  int64_t offset = 0;
  for (auto [begin, end] : taken) {
    if (begin - offset >= buffer.bytes)
      break;
    offset = std::max(offset, end);
  }
  return offset;
}

struct PlanArenaPass : impl::PlanArenaBase<PlanArenaPass> {
  void runOnOperation() override {
    int64_t peak = 0;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        peak = std::max(peak, plan(function));
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
    int64_t time = 0;
    for (auto call : function.getOps<func::CallOp>()) {
      ++time;
      for (Value operand : call.getOperands())
        if (auto it = index.find(getStorage(operand)); it != index.end())
          buffers[it->second].last = time;
      Value result = call.getResult(0);
      if (auto it = outputs.find(result); it != outputs.end()) {
        call->setAttr(kOutputAttr, b.getI64IntegerAttr(it->second));
        continue;
      }
      index[result] = buffers.size();
      buffers.push_back({call, getBytes(result), time, time, 0});
    }
    return buffers;
  }

  int64_t plan(func::FuncOp function) {
    SmallVector<Buffer> buffers = findBuffers(function);
    SmallVector<Buffer *> order, placed;
    for (Buffer &buffer : buffers)
      order.push_back(&buffer);
    llvm::sort(order, [](const Buffer *a, const Buffer *b) {
      return std::make_pair(-a->bytes, a->first) <
             std::make_pair(-b->bytes, b->first);
    });
    int64_t peak = 0;
    Builder b(&getContext());
    for (Buffer *buffer : order) {
      buffer->offset = findOffset(*buffer, placed);
      placed.push_back(buffer);
      peak = std::max(peak, buffer->offset + buffer->bytes);
      buffer->call->setAttr(kOffsetAttr, b.getI64IntegerAttr(buffer->offset));
    }
    return peak;
  }
};

} // namespace
} // namespace mlir::lcp::cpu
