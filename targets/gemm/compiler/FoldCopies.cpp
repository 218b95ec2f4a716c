//===- FoldCopies.cpp - Write feature maps where they end up -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "targets/gemm/compiler/GEMMDialect.h"
#include "targets/gemm/compiler/Passes.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_GEMMFOLDCOPIES
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

// A feature map that something sees in another shape, or a slice of, keeps its
// own place.
static bool hasViews(AllocOp map) {
  return llvm::any_of(map->getUsers(), [](Operation *user) {
    return isa<ViewLikeOpInterface>(user);
  });
}

static bool fold(memref::CopyOp copy) {
  auto source = copy.getSource().getDefiningOp<AllocOp>();
  auto view = copy.getTarget().getDefiningOp<memref::SubViewOp>();
  auto whole = view ? view.getSource().getDefiningOp<AllocOp>() : AllocOp();
  if (!source || !whole || hasViews(source))
    return false;
  // The destination must be there when the source is first written.
  if (source->isBeforeInBlock(whole))
    whole->moveBefore(source);
  if (source->isBeforeInBlock(view))
    view->moveBefore(source);
  copy.erase();
  source.getMap().replaceAllUsesWith(view.getResult());
  source.erase();
  return true;
}

namespace {
struct FoldCopiesPass : gemm::impl::GEMMFoldCopiesBase<FoldCopiesPass> {
  void runOnOperation() override {
    SmallVector<memref::CopyOp> copies(getOperation().getOps<memref::CopyOp>());
    for (memref::CopyOp copy : copies)
      folded += fold(copy);
  }
};
} // namespace
