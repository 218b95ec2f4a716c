//===- ChannelShuffle.cpp - A transpose of groups of channels -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/Map.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

/// A transpose of (groups, channels of a group), both row-major.
static void emitChannelShuffle(StepEmitter &step) {
  auto shuffle = cast<ChannelShuffleOp>(step.root);
  BufferedTensor input = step.operand(shuffle.getInput());
  ArrayRef<int64_t> shape = input.tensor.type.getShape();
  int64_t groups = shuffle.getGroups(), each = shape[1] / groups, inner = 1;
  for (int64_t size : shape.drop_front(2))
    inner *= size;
  int64_t image = shape[1] * inner;
  MapAccess in{input.buffer, {image, inner, each * inner, 1}, 0};
  MapAccess out{step.result.buffer, {image, groups * inner, inner, 1}, 0};
  emitMapCopy(step.k, {shape[0], each, groups, inner}, out, in);
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createChannelShuffle() {
  return std::make_unique<OpKernel<ChannelShuffleOp>>("channel_shuffle",
                                                      emitChannelShuffle);
}
