//===- EncodeTest.cpp - What the encoder refuses --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/Encode.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "targets/gemm/abi/Validate.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::lcp;
namespace engine = ::lcp::gemm;

namespace {

class EncodeTest : public testing::Test {
protected:
  EncodeTest() {
    context.loadDialect<LCPDialect, func::FuncDialect, gemm::GEMMDialect>();
  }

  /// The stream of a function with `body`, or its first diagnostic.
  std::string encode(const std::string &body) {
    std::string message = "encoded";
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      message = diagnostic.str();
      return success();
    });
    auto module = parseSourceString<ModuleOp>(
        "func.func @f(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi8> {\n" +
            body + "}",
        &context);
    if (!module)
      return "does not parse: " + message;
    auto result = gemm::encode(*module->getOps<func::FuncOp>().begin());
    if (succeeded(result))
      stream = std::move(*result);
    return message;
  }

  /// A 1x1 convolution with one multiplier and shift for both channels.
  std::string conv(int multiplier, int shift, int bias, int output) {
    return "%0 = gemm.load %x {address = 0 : i64} : (tensor<1x2x2x2xi8>) -> "
           "memref<1x2x2x2xi8>\n"
           "%w = lcp.constant dense<[[[[3]], [[-4]]], [[[5]], [[6]]]]> : "
           "tensor<2x2x1x1xi8>\n"
           "%b = lcp.constant dense<" +
           std::to_string(bias) +
           "> : tensor<2xi32>\n"
           "%m = lcp.constant dense<" +
           std::to_string(multiplier) +
           "> : tensor<1xi32>\n"
           "%s = lcp.constant dense<" +
           std::to_string(shift) +
           "> : tensor<1xi32>\n"
           "%1 = gemm.alloc {address = " +
           std::to_string(output) +
           " : i64} : memref<1x2x2x2xi8>\n"
           "gemm.conv %0, %w, %b, %m, %s into %1 : memref<1x2x2x2xi8>, "
           "tensor<2x2x1x1xi8>, tensor<2xi32>, tensor<1xi32>, tensor<1xi32>, "
           "memref<1x2x2x2xi8>\n"
           "%2 = gemm.store %1 : (memref<1x2x2x2xi8>) -> tensor<1x2x2x2xi8>\n"
           "return %2 : tensor<1x2x2x2xi8>\n";
  }

  MLIRContext context;
  gemm::EncodedStream stream;
};

TEST_F(EncodeTest, PacksDepthByColumns) {
  ASSERT_EQ(encode(conv(7, 9, -11, 64)), "encoded");
  EXPECT_EQ(stream.memoryBytes, 72u);
  EXPECT_EQ(stream.layers.size(), 1u);
  // The table, then at 64 one row of eight columns for each input channel.
  ASSERT_EQ(stream.weights.size(), 80u);
  auto *table = reinterpret_cast<engine::ChannelEntry *>(stream.weights.data());
  for (int channel : {0, 1}) {
    EXPECT_EQ(table[channel].bias, -11);
    EXPECT_EQ(table[channel].multiplier, 7);
    EXPECT_EQ(table[channel].shift, 9);
  }
  const std::vector<char> rows = {3,  5, 0, 0, 0, 0, 0, 0,
                                  -4, 6, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(
      std::vector<char>(stream.weights.begin() + 64, stream.weights.end()),
      rows);
}

TEST_F(EncodeTest, RefusesWhatTheTableCannotHold) {
  const std::string refusal = "has a bias, multiplier or shift that the engine "
                              "cannot hold, in channel 0";
  EXPECT_EQ(encode(conv(engine::kFactorLimit, 1, 0, 64)), refusal);
  EXPECT_EQ(encode(conv(-1, 1, 0, 64)), refusal);
  EXPECT_EQ(encode(conv(1, engine::kMaxShift + 1, 0, 64)), refusal);
  EXPECT_EQ(encode(conv(1, 1, engine::kMaxBias + 1, 64)), refusal);
  EXPECT_EQ(encode(conv(1, 1, engine::kMaxBias, 64)), "encoded");
}

TEST_F(EncodeTest, RefusesWhatTheValidatorRefuses) {
  EXPECT_EQ(encode(conv(1, 1, 0, 4)),
            "cannot be encoded: the output overlaps the input");
}

TEST_F(EncodeTest, RefusesFeatureMapsWithoutAddresses) {
  EXPECT_EQ(encode("%0 = gemm.load %x : (tensor<1x2x2x2xi8>) -> "
                   "memref<1x2x2x2xi8>\n"
                   "%1 = gemm.store %0 : (memref<1x2x2x2xi8>) -> "
                   "tensor<1x2x2x2xi8>\n"
                   "return %1 : tensor<1x2x2x2xi8>\n"),
            "a feature map has no address; run gemm-assign-addresses");
}

TEST_F(EncodeTest, RefusesWhatNoDriverMoves) {
  EXPECT_EQ(encode("return %x : tensor<1x2x2x2xi8>\n"),
            "argument 0 must have one gemm.load");
}

} // namespace
