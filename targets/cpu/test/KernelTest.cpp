//===- KernelTest.cpp - Which steps have a kernel -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/schedule/Kernel.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// A window that reduces in a way of its own, as an op that is new does.
class NewPoolOp : public Op<NewPoolOp, OpTrait::ZeroRegions,
                            OpTrait::ZeroSuccessors, OpTrait::OneResult,
                            OpTrait::OneOperand, WindowOpInterface::Trait> {
public:
  using Op::Op;
  static StringRef getOperationName() { return "test.new_pool"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }
  ArrayRef<int64_t> getKernel() { return two; }
  ArrayRef<int64_t> getStrides() { return two; }
  ArrayRef<int64_t> getPads() { return none; }
  ArrayRef<int64_t> getDilations() { return two; }

private:
  static constexpr int64_t two[] = {2, 2}, none[] = {0, 0, 0, 0};
};

class TestDialect : public Dialect {
public:
  explicit TestDialect(MLIRContext *context)
      : Dialect("test", context, TypeID::get<TestDialect>()) {
    addOperations<NewPoolOp>();
  }
  static StringRef getDialectNamespace() { return "test"; }
};

/// The names of the kernels that compute a step of one pool of ours.
std::vector<std::string> findKernels(StringRef pool) {
  MLIRContext context;
  context
      .loadDialect<LCPDialect, LCPCPUDialect, func::FuncDialect, TestDialect>();
  std::string text =
      ("func.func private @step(%x: tensor<1x1x4x4xf32>) -> "
       "tensor<1x1x2x2xf32> {\n  %y = \"" +
       pool +
       "\"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : "
       "(tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>\n"
       "  return %y : tensor<1x1x2x2xf32>\n}")
          .str();
  auto module = parseSourceString<ModuleOp>(text, &context);
  std::vector<std::string> names;
  for (func::FuncOp step : module->getOps<func::FuncOp>())
    for (const std::unique_ptr<Kernel> &kernel : getKernels())
      if (kernel->appliesTo(step))
        names.push_back(kernel->getName().str());
  return names;
}

TEST(Kernels, ComputeThePoolsThatTheyKnow) {
  std::vector<std::string> pool = {"pool"};
  EXPECT_EQ(pool, findKernels("lcp.max_pool2d"));
  EXPECT_EQ(pool, findKernels("lcp.avg_pool2d"));
  EXPECT_TRUE(findKernels("test.new_pool").empty());
}

} // namespace
