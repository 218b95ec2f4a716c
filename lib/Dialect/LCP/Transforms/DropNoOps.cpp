//===- DropNoOps.cpp - Remove dropout and identity ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_DROPNOOPS
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
struct DropNoOps : lcp::impl::DropNoOpsBase<DropNoOps> {
  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (!isa<DropoutOp, IdentityOp>(op))
        return;
      op->getResult(0).replaceAllUsesWith(op->getOperand(0));
      op->erase();
      ++numDropped;
    });
  }
};
} // namespace
