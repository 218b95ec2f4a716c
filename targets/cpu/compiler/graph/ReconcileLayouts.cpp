//===- ReconcileLayouts.cpp - Halos, and conversions between neighbours ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_RECONCILELAYOUTS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

/// What an op asks of the layout of an operand.
struct Need {
  enum Kind { Anything, Block, RowMajor } kind = Anything;
  int64_t block = 1;
  Layout halo;
  /// Loads may run past the last element, so it must not be an argument.
  bool overruns = false;
};

/// What a convolution asks of its input.
Need getConvNeed(Conv2DOp conv) {
  Need need;
  need.halo.cover(conv.getPads());
  int64_t block = getLayout(conv.getResult()).block;
  int64_t inputBlock = getLayout(getStorage(conv.getInput())).block;
  int64_t groupInputs = getTensorType(conv.getWeight()).getDimSize(1);
  need.kind = Need::Block;
  if (isDepthwise(conv) && block > 1) {
    need.block = block;
  } else if (block == 1) {
    need.overruns = conv.getStrides()[1] > 1;
  } else if (conv.getGroups() == 1 || groupInputs % inputBlock == 0) {
    need.block = inputBlock;
  }
  return need;
}

/// Whether nothing but dense layers reads a rename of `image`, which may then
/// keep the image's layout.
bool onlyFeedsDense(Operation *rename, Value image) {
  return llvm::all_of(rename->getUsers(), [&](Operation *user) {
    if (isRename(user))
      return onlyFeedsDense(user, image);
    auto dense = dyn_cast<DenseOp>(user);
    return dense && keepsImages(image, dense.getInput());
  });
}

Need getNeed(OpOperand &use) {
  Operation *op = use.getOwner();
  Need need;
  if (auto conv = dyn_cast<Conv2DOp>(op))
    return use.getOperandNumber() == 0 ? getConvNeed(conv) : need;
  if (isRename(op)) {
    if (!onlyFeedsDense(op, getStorage(use.get())))
      need.kind = Need::RowMajor;
    return need;
  }
  if (isa<DenseOp, ConvertLayoutOp>(op))
    return need;
  need.kind = Need::RowMajor;
  if (!followsOperands(op))
    return need;
  auto type = getTensorType(use.get());
  auto result = getTensorType(op->getResult(0));
  if (type.getRank() != 4)
    return need;
  need.kind = Need::Block;
  bool oneChannel = type.getDimSize(1) == 1 && result.getDimSize(1) != 1 &&
                    !isa<ConcatOp>(op);
  need.block = oneChannel ? 1 : getLayout(op->getResult(0)).block;
  need.overruns = need.block == 1 && isPool(op);
  return need;
}

bool isReturned(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<func::ReturnOp>(user) ||
           (isRename(user) && isReturned(user->getResult(0)));
  });
}

struct ReconcileLayoutsPass : impl::ReconcileLayoutsBase<ReconcileLayoutsPass> {
  /// By value, and by the block that its readers ask for (0: row-major): the
  /// layout to convert to, and the readers.
  using Conversions =
      llvm::MapVector<std::pair<Value, int64_t>,
                      std::pair<Layout, SmallVector<OpOperand *>>>;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    WalkResult complete = function.walk([](Operation *op) {
      return failed(checkHasLayout(op)) ? WalkResult::interrupt()
                                        : WalkResult::advance();
    });
    if (complete.wasInterrupted())
      return signalPassFailure();
    Conversions found;
    forEachUse(function, [&](OpOperand &use) { meetBlockNeed(use, found); });
    forEachUse(function, [&](OpOperand &use) { meetRowMajorNeed(use, found); });
    for (auto &[key, conversion] : found)
      insert(key.first, conversion.first, conversion.second);
  }

  void forEachUse(func::FuncOp function, function_ref<void(OpOperand &)> f) {
    function.walk([&](Operation *op) {
      if (op == function.getOperation())
        return;
      for (OpOperand &operand : op->getOpOperands())
        if (!isConstant(operand.get()))
          f(operand);
    });
  }

  void meetBlockNeed(OpOperand &use, Conversions &conversions) {
    Need need = getNeed(use);
    if (need.kind != Need::Block)
      return;
    Value value = use.get();
    Operation *producer = value.getDefiningOp();
    Layout layout = getLayout(value);
    // Only what a step writes can have a halo; a rename has its operand's.
    bool owned = producer && !isRename(producer) && canBlock(producer);
    bool fits = layout.block == need.block && (!need.halo.hasHalo() || owned) &&
                (!need.overruns || (owned && !isReturned(value)));
    if (fits) {
      if (!owned)
        return;
      layout.cover(need.halo.halo);
      return setLayout(producer, layout);
    }
    auto &[to, uses] = conversions[{value, need.block}];
    to.block = need.block;
    to.cover(need.halo.halo);
    uses.push_back(&use);
  }

  void meetRowMajorNeed(OpOperand &use, Conversions &conversions) {
    Value value = use.get();
    Operation *producer = value.getDefiningOp();
    if (getNeed(use).kind != Need::RowMajor || !producer ||
        isRename(producer) ||
        isRowMajor(getTensorType(value), getLayout(value)))
      return;
    conversions[{value, 0}].second.push_back(&use);
  }

  void insert(Value value, const Layout &layout, ArrayRef<OpOperand *> uses) {
    OpBuilder b(&getContext());
    b.setInsertionPointAfterValue(value);
    Value converted =
        b.create<ConvertLayoutOp>(value.getLoc(), value.getType(), value,
                                  toAttribute(&getContext(), layout));
    for (OpOperand *use : uses)
      use->set(converted);
    ++numConversions;
  }
};

} // namespace
} // namespace mlir::lcp::cpu
