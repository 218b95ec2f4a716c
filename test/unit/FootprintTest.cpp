//===- FootprintTest.cpp - Counts against a network counted by hand -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;

static lcp::Footprint measure(llvm::StringRef source) {
  DialectRegistry registry;
  registry.insert<func::FuncDialect, lcp::LCPDialect>();
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
  if (!module)
    return {-1, -1};
  return lcp::measureFootprint(*module);
}

TEST(Footprint, ConvolutionsByGroupAndDenseLayers) {
  // 4x3x3x3 weights over a 6x6 image; 4x1x3x3 (depthwise) over 4x4; 5x64.
  lcp::Footprint footprint = measure(R"mlir(
    func.func @main(%x: tensor<1x3x8x8xf32>) -> tensor<1x5xf32> {
      %w = lcp.constant dense<1.0> : tensor<4x3x3x3xf32>
      %b = lcp.constant dense<1.0> : tensor<4xf32>
      %d = lcp.constant dense<1.0> : tensor<4x1x3x3xf32>
      %f = lcp.constant dense<1.0> : tensor<5x64xf32>
      %0 = lcp.conv2d %x, %w, %b : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x6x6xf32>
      %1 = lcp.conv2d %0, %d {groups = 4 : i64} : (tensor<1x4x6x6xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x4x4xf32>
      %2 = lcp.flatten %1 : (tensor<1x4x4x4xf32>) -> tensor<1x64xf32>
      %3 = lcp.dense %2, %f : (tensor<1x64xf32>, tensor<5x64xf32>) -> tensor<1x5xf32>
      return %3 : tensor<1x5xf32>
    })mlir");
  EXPECT_EQ(footprint.parameters, 108 + 4 + 36 + 320);
  EXPECT_EQ(footprint.macs, 4 * 36 * 27 + 4 * 16 * 9 + 5 * 64);
}

TEST(Footprint, OfAModelWithoutLayersIsZero) {
  lcp::Footprint footprint = measure(R"mlir(
    func.func @main(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
      %0 = lcp.relu %x : tensor<1x3xf32>
      return %0 : tensor<1x3xf32>
    })mlir");
  EXPECT_EQ(footprint.parameters, 0);
  EXPECT_EQ(footprint.macs, 0);
}
