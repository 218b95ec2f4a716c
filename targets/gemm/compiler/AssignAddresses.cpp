//===- AssignAddresses.cpp - Places in activation memory -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/GEMMDialect.h"
#include "targets/gemm/compiler/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DEF_GEMMASSIGNADDRESSES
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

// Bursts of the memory port, and cache lines of the machine that fills it.
static constexpr uint64_t kAlignment = 64;

namespace {
/// An image and the ops, by position, between which its bytes matter.
struct Lifetime {
  Operation *op;
  uint64_t size;
  int64_t first, last;
  uint64_t address = 0;

  bool overlaps(const Lifetime &other) const {
    return first <= other.last && other.first <= last;
  }
};
} // namespace

static void extend(Value image, const DenseMap<Operation *, int64_t> &order,
                   Lifetime &life) {
  for (Operation *user : image.getUsers()) {
    if (isa<ChannelsOp, ViewOp>(user)) {
      extend(user->getResult(0), order, life);
      continue;
    }
    int64_t at = order.lookup(user);
    life.first = std::min(life.first, at);
    life.last = isa<StoreOp>(user) ? INT64_MAX : std::max(life.last, at);
  }
}

static SmallVector<Lifetime> getLifetimes(func::FuncOp function) {
  DenseMap<Operation *, int64_t> order;
  for (auto [i, op] : llvm::enumerate(function.getBody().front()))
    order[&op] = i;
  SmallVector<Lifetime> lifetimes;
  for (Operation &op : function.getBody().front()) {
    if (!isa<AllocOp, LoadOp>(op))
      continue;
    auto type = cast<MemRefType>(op.getResult(0).getType());
    Lifetime life{&op, static_cast<uint64_t>(type.getNumElements()), INT64_MAX,
                  -1};
    extend(op.getResult(0), order, life);
    if (isa<LoadOp>(op))
      life.first = -1; // the driver fills it before the first command
    lifetimes.push_back(life);
  }
  return lifetimes;
}

// The lowest address at which nothing of `placed` that lives as well lies.
static uint64_t findAddress(const Lifetime &life,
                            ArrayRef<const Lifetime *> placed) {
  SmallVector<const Lifetime *> rivals;
  for (const Lifetime *other : placed)
    if (life.overlaps(*other))
      rivals.push_back(other);
  llvm::sort(rivals, [](const Lifetime *a, const Lifetime *b) {
    return a->address < b->address;
  });
  uint64_t address = 0;
  for (const Lifetime *other : rivals) {
    if (address + life.size <= other->address)
      break;
    address = std::max(address,
                       llvm::alignTo(other->address + other->size, kAlignment));
  }
  return address;
}

namespace {
struct AssignAddressesPass
    : gemm::impl::GEMMAssignAddressesBase<AssignAddressesPass> {
  void runOnOperation() override {
    SmallVector<Lifetime> lifetimes = getLifetimes(getOperation());
    SmallVector<Lifetime *> bySize;
    for (Lifetime &life : lifetimes)
      bySize.push_back(&life);
    llvm::sort(bySize, [](const Lifetime *a, const Lifetime *b) {
      return a->size != b->size ? a->size > b->size : a < b;
    });
    SmallVector<const Lifetime *> placed;
    Builder builder(&getContext());
    uint64_t end = 0;
    for (Lifetime *life : bySize) {
      life->address = findAddress(*life, placed);
      placed.push_back(life);
      life->op->setAttr("address", builder.getI64IntegerAttr(life->address));
      end = std::max(end, life->address + life->size);
    }
    bytes = end;
  }
};
} // namespace
