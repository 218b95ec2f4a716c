//===- ONNXConstantTest.cpp - ONNX constants with hostile values ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Import/ONNX/ConstantEval.h"

#include <gtest/gtest.h>

using namespace lcp::onnx;

namespace {

Node nodeOf(const char *opType) {
  Node node;
  node.name = "n";
  node.opType = opType;
  return node;
}

TEST(ONNXConstant, ListOfStringsIsNoListWhateverItsShapeClaims) {
  Tensor strings;
  strings.type = ElementType::String;
  strings.dims = {int64_t(1) << 60};
  EXPECT_FALSE(toIntegerList(strings).has_value());
  strings.type = ElementType::Other;
  EXPECT_FALSE(toIntegerList(strings).has_value());
}

TEST(ONNXConstant, ConstantsShareOneBudget) {
  ConstantBudget budget(5000);
  Tensor shape = makeInt64Tensor({1}, {1000}); // 4000 bytes of float
  std::string reason;
  Node node = nodeOf("ConstantOfShape");
  EXPECT_TRUE(evaluate(node, {&shape}, 13, budget, reason).has_value());
  EXPECT_FALSE(evaluate(node, {&shape}, 13, budget, reason).has_value());
  EXPECT_EQ(reason, "its constant result is too large");
}

TEST(ONNXConstant, RefusedResultTakesNothingOfTheBudget) {
  ConstantBudget budget(100);
  EXPECT_FALSE(makeTensor(ElementType::Float, {26}, budget).has_value());
  EXPECT_TRUE(makeTensor(ElementType::Float, {25}, budget).has_value());
}

TEST(ONNXConstant, BroadcastIsRefusedBeforeItIsComputed) {
  ConstantBudget budget;
  // 2^14 x 2^14 bytes fit the budget; as numbers they would take 2 GiB.
  Tensor column = *makeTensor(ElementType::Bool, {1 << 14, 1}, budget);
  Tensor row = *makeTensor(ElementType::Bool, {1 << 14}, budget);
  std::string reason;
  EXPECT_FALSE(
      evaluate(nodeOf("Add"), {&column, &row}, 13, budget, reason).has_value());
  EXPECT_EQ(reason, "its constant result is too large");
}

TEST(ONNXConstant, ReshapeOfNothingKeepsSizesThatMayBeMultiplied) {
  ConstantBudget budget;
  Tensor nothing = *makeTensor(ElementType::Float, {0}, budget);
  int64_t huge = int64_t(1) << 40;
  Tensor shape = makeInt64Tensor({3}, {0, huge, huge});
  std::string reason;
  EXPECT_FALSE(
      evaluate(nodeOf("Reshape"), {&nothing, &shape}, 13, budget, reason)
          .has_value());
  EXPECT_EQ(reason, "the shape to reshape to is not valid");
}

} // namespace
