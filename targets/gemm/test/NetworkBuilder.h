//===- NetworkBuilder.h - Networks for tests --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_TEST_NETWORKBUILDER_H
#define LCP_TARGETS_GEMM_TEST_NETWORKBUILDER_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace mlir::lcp::gemm::test {

/// Units of plain float lcp ops with seeded random weights. The engine can do
/// all of them unless they have islands.
class NetworkBuilder {
public:
  NetworkBuilder(MLIRContext *context, unsigned seed)
      : builder(context), loc(builder.getUnknownLoc()), random(seed) {}

  /// A few random layers on a random image, then perhaps a classifier; with
  /// `islands` some that the engine cannot do among them.
  OwningOpRef<ModuleOp> randomNetwork(bool islands);
  /// LeNet-5 on 28x28.
  OwningOpRef<ModuleOp> lenet();
  /// ResNet-18 with `width` channels where the original has 64.
  OwningOpRef<ModuleOp> resnet18(int64_t width, int64_t size);

private:
  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }
  OwningOpRef<ModuleOp> begin(ArrayRef<int64_t> inputShape);
  void end(OwningOpRef<ModuleOp> &module, Value result);

  Value weights(ArrayRef<int64_t> shape);
  Value conv(Value input, int64_t channels, ArrayRef<int64_t> kernel,
             ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
             ArrayRef<int64_t> dilations = {1, 1}, int64_t groups = 1);
  Value conv3x3(Value input, int64_t channels, int64_t stride = 1);
  Value dense(Value input, int64_t outputs);
  Value relu(Value input);
  Value maxPool(Value input, int64_t kernel, int64_t stride, int64_t pad = 0);
  Value basicBlock(Value input, int64_t channels, int64_t stride);

  Value randomLayer(Value input);
  Value randomConv(Value input);
  Value randomPool(Value input);
  Value randomJoin(Value input);
  Value randomActivation(Value input);
  Value randomIsland(Value input);

  OpBuilder builder;
  Location loc;
  std::mt19937 random;
  bool islands = false;
};

} // namespace mlir::lcp::gemm::test

#endif // LCP_TARGETS_GEMM_TEST_NETWORKBUILDER_H
