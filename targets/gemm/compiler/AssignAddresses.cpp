//===- AssignAddresses.cpp - Places in activation memory -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/MemoryPlan.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "targets/gemm/compiler/GEMMDialect.h"
#include "targets/gemm/compiler/Passes.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_GEMMASSIGNADDRESSES
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

namespace {
/// A feature map and the ops, by position from 1, between which its bytes
/// matter. 0 is before the first.
struct Placement {
  Operation *op;
  ::lcp::Lifetime life;
};
} // namespace

static void extend(Value map, const DenseMap<Operation *, uint32_t> &order,
                   ::lcp::Lifetime &life) {
  for (Operation *user : map.getUsers()) {
    if (isa<ViewLikeOpInterface>(user)) {
      extend(user->getResult(0), order, life);
      continue;
    }
    uint32_t at = order.lookup(user);
    life.first = std::min(life.first, at);
    life.last = isa<StoreOp>(user) ? UINT32_MAX : std::max(life.last, at);
  }
}

static SmallVector<Placement> getPlacements(func::FuncOp function) {
  DenseMap<Operation *, uint32_t> order;
  for (auto [i, op] : llvm::enumerate(function.getBody().front()))
    order[&op] = i + 1;
  SmallVector<Placement> placements;
  for (Operation &op : function.getBody().front()) {
    if (!isa<AllocOp, LoadOp>(op))
      continue;
    auto type = cast<MemRefType>(op.getResult(0).getType());
    Placement placement{
        &op, {static_cast<uint64_t>(type.getNumElements()), UINT32_MAX, 0}};
    extend(op.getResult(0), order, placement.life);
    if (isa<LoadOp>(op))
      placement.life.first = 0; // the driver fills it before the first command
    placements.push_back(placement);
  }
  return placements;
}

namespace {
struct AssignAddressesPass
    : gemm::impl::GEMMAssignAddressesBase<AssignAddressesPass> {
  void runOnOperation() override {
    SmallVector<Placement> placements = getPlacements(getOperation());
    std::vector<::lcp::Lifetime> lives;
    for (const Placement &placement : placements)
      lives.push_back(placement.life);
    auto plan = ::lcp::planMemory(lives);
    if (!plan.ok()) {
      getOperation().emitError(plan.status().message());
      return signalPassFailure();
    }
    Builder builder(&getContext());
    uint64_t end = 0;
    for (auto [placement, address] :
         llvm::zip_equal(placements, plan->offsets)) {
      placement.op->setAttr("address", builder.getI64IntegerAttr(address));
      end = std::max(end, address + placement.life.size);
    }
    bytes = end;
  }
};
} // namespace
