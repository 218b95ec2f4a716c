//===- FusePool.cpp - Pool at the end of the layer -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/GEMMDialect.h"
#include "targets/gemm/compiler/Passes.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_GEMMFUSEPOOL
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

static bool isFusible(MaxPoolOp pool) {
  auto all = [](ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t v) { return v == wanted; });
  };
  return all(pool.getPads(), 0) && all(pool.getDilations(), 1) &&
         pool.getKernel()[0] <= pool.getStrides()[0] &&
         pool.getKernel()[1] <= pool.getStrides()[1];
}

// The convolution that alone writes what `pool` alone reads.
static ConvOp getProducer(MaxPoolOp pool) {
  auto between = pool.getInput().getDefiningOp<AllocOp>();
  if (!between || !llvm::hasNItems(between->getUsers(), 2))
    return {};
  for (Operation *user : between->getUsers())
    if (auto conv = dyn_cast<ConvOp>(user))
      if (conv.getOutput() == between.getMap() &&
          llvm::all_of(conv.getPoolKernel(), [](int64_t v) { return v == 1; }))
        return conv;
  return {};
}

namespace {
struct FusePoolPass : gemm::impl::GEMMFusePoolBase<FusePoolPass> {
  void runOnOperation() override {
    SmallVector<MaxPoolOp> pools(getOperation().getOps<MaxPoolOp>());
    for (MaxPoolOp pool : pools) {
      auto output = pool.getOutput().getDefiningOp<AllocOp>();
      ConvOp conv = getProducer(pool);
      if (!output || !conv || !isFusible(pool))
        continue;
      Operation *between = pool.getInput().getDefiningOp();
      output->moveBefore(conv);
      conv.getOutputMutable().assign(output.getMap());
      conv.setPoolKernel(pool.getKernel());
      conv.setPoolStrides(pool.getStrides());
      pool.erase();
      between->erase();
      ++fused;
    }
  }
};
} // namespace
