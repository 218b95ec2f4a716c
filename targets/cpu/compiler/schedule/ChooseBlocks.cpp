//===- ChooseBlocks.cpp - Choose the channel block of every image ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/schedule/CostModel.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_CHOOSEBLOCKS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

constexpr int64_t kBlocks[] = {1, 4, 8, 16};

/// Whether products of its inputs can be summed four at a time.
bool usesDots(Conv2DOp conv, MachineAttr machine) {
  return machine.getDots() != Dots::None && !isDepthwise(conv) &&
         getTensorType(conv.getInput()).getElementType().isInteger(8);
}

/// Share of the vector unit's multiply-adds that do useful work when the
/// convolution's result has this block.
double getEfficiency(Conv2DOp conv, int64_t block, MachineAttr machine) {
  auto out = getTensorType(conv.getResult());
  if (block > 1)
    return getBlockEfficiency(out.getDimSize(1), block, machine);
  // Rows have no kernel that sums four products.
  double rows = usesDots(conv, machine) ? 0.25 : 1;
  return rows *
         getRowEfficiency(out.getDimSize(3), conv.getStrides()[1], machine);
}

double getMultiplyAdds(Conv2DOp conv) {
  auto weight = getTensorType(conv.getWeight());
  return double(getTensorType(conv.getResult()).getNumElements()) *
         weight.getDimSize(1) * weight.getDimSize(2) * weight.getDimSize(3);
}

/// Whether a broadcast operand that is not an image can be read under `block`.
bool allowsOperand(Operation *op, Value operand, int64_t block) {
  auto type = getTensorType(operand), result = getTensorType(op->getResult(0));
  if (isa<RequantizeOp>(op) || isConstant(operand) || type.getRank() == 4)
    return true;
  Layout blocked;
  blocked.block = block;
  return canBroadcast(result, blocked, type, Layout());
}

/// Whether the op can be computed on channels in such blocks.
bool allowsBlock(Operation *op, int64_t block) {
  if (block == 1)
    return true;
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    int64_t groupOutputs =
        getTensorType(conv.getResult()).getDimSize(1) / conv.getGroups();
    return conv.getGroups() == 1 || isDepthwise(conv) ||
           groupOutputs % block == 0;
  }
  if (auto slice = dyn_cast<SliceOp>(op))
    return slice.getBegin() % block == 0;
  if (auto concat = dyn_cast<ConcatOp>(op))
    return llvm::all_of(concat.getInputs().drop_back(), [&](Value input) {
      return getTensorType(input).getDimSize(1) % block == 0;
    });
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return allowsOperand(op, operand, block);
  });
}

/// Ops whose results must share one block, and what each block is worth to
/// them: multiply-adds, weighed by the share that does useful work.
struct Group {
  bool allowed[4] = {true, true, true, true};
  double score[4] = {};
};

/// Whether the op's result and `operand` must have the same block.
bool sharesBlock(Operation *op, Value operand) {
  Operation *producer = operand.getDefiningOp();
  if (!producer || !canBlock(producer))
    return false;
  if (auto conv = dyn_cast<Conv2DOp>(op))
    return isDepthwise(conv);
  auto type = getTensorType(operand), result = getTensorType(op->getResult(0));
  return isa<ConcatOp>(op) || type.getDimSize(1) != 1 ||
         result.getDimSize(1) == 1;
}

/// Of blocks that are worth the same the longest; one where none is worth more.
int64_t chooseBlock(const Group &group, MachineAttr machine) {
  int best = 0;
  for (int i = 1; i < 4; ++i)
    if (kBlocks[i] <= machine.getLanes() && group.allowed[i] &&
        group.score[i] > 0 && group.score[i] >= group.score[best])
      best = i;
  return kBlocks[best];
}

struct ChooseBlocksPass : impl::ChooseBlocksBase<ChooseBlocksPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    FailureOr<MachineAttr> machine = getMachineOf(function);
    if (failed(machine))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    function.walk([&](Operation *op) {
      if (canBlock(op))
        ops.push_back(op);
    });
    llvm::EquivalenceClasses<Operation *> classes = classify(ops);
    llvm::DenseMap<Operation *, Group> groups;
    for (Operation *op : ops) {
      score(op, groups[classes.getLeaderValue(op)], *machine);
      auto conv = dyn_cast<Conv2DOp>(op);
      Operation *producer =
          conv ? getStorage(conv.getInput()).getDefiningOp() : nullptr;
      if (producer && canBlock(producer) && usesDots(conv, *machine))
        scoreInput(conv, groups[classes.getLeaderValue(producer)], *machine);
    }
    for (Operation *op : ops) {
      Layout layout;
      layout.block = chooseBlock(groups[classes.getLeaderValue(op)], *machine);
      setLayout(op, layout);
    }
  }

  llvm::EquivalenceClasses<Operation *> classify(ArrayRef<Operation *> ops) {
    llvm::EquivalenceClasses<Operation *> classes;
    for (Operation *op : ops) {
      classes.insert(op);
      for (Value operand : op->getOperands())
        if (!isa<ConvertLayoutOp>(op) && sharesBlock(op, operand))
          classes.unionSets(op, operand.getDefiningOp());
    }
    return classes;
  }

  /// A quad of inputs is of one block, whose unused lanes are multiplied too.
  void scoreInput(Conv2DOp conv, Group &group, MachineAttr machine) {
    // Of the result's say, which counts wherever that has one.
    constexpr double kWeight = 0.1;
    int64_t channels = getTensorType(conv.getInput()).getDimSize(1);
    for (auto [i, block] : llvm::enumerate(kBlocks))
      if (block > 1)
        group.score[i] += kWeight * getMultiplyAdds(conv) * channels /
                          llvm::alignTo(channels, block);
  }

  void score(Operation *op, Group &group, MachineAttr machine) {
    auto conv = dyn_cast<Conv2DOp>(op);
    for (auto [i, block] : llvm::enumerate(kBlocks)) {
      group.allowed[i] &= !isa<ConvertLayoutOp>(op) && allowsBlock(op, block);
      if (conv)
        group.score[i] +=
            getMultiplyAdds(conv) * getEfficiency(conv, block, machine);
    }
  }
};

} // namespace
} // namespace mlir::lcp::cpu
