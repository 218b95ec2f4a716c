//===- FoldPad.cpp - Borders into the pads of window ops ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

namespace mlir::lcp {
#define GEN_PASS_DEF_FOLDPAD
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// Top, left, bottom, right of a pad that leaves batch and channels alone.
static std::optional<SmallVector<int64_t>> imageBorder(PadOp pad) {
  ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
  if (low.size() != 4 || low[0] || low[1] || high[0] || high[1])
    return std::nullopt;
  return SmallVector<int64_t>{low[2], low[3], high[2], high[3]};
}

static bool isZero(PadOp pad) { return pad.getValue().isZero(); }

/// Whether max(value, x) = x for all x, or all but minus infinity.
static bool isLowest(PadOp pad) {
  return pad.getValue().convertToFloat() <= -std::numeric_limits<float>::max();
}

static SmallVector<int64_t> sum(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  SmallVector<int64_t> result;
  for (auto [x, y] : llvm::zip_equal(a, b))
    result.push_back(x + y);
  return result;
}

static bool foldIntoConv(Conv2DOp conv, PadOp pad, ArrayRef<int64_t> border) {
  if (!isZero(pad) || conv.getInput() != pad.getResult())
    return false;
  conv.setPads(sum(conv.getPads(), border));
  conv.getInputMutable().assign(pad.getInput());
  return true;
}

/// Whether `pool` may have `pads` on `input`, by its own constraints.
template <typename Pool>
static bool isLegal(Pool pool, Value input, ArrayRef<int64_t> pads) {
  typename Pool::Properties properties = pool.getProperties();
  properties.pads = DenseI64ArrayAttr::get(pool.getContext(), pads);
  SmallVector<Type> types;
  return succeeded(Pool::inferReturnTypes(
      pool.getContext(), /*location=*/std::nullopt,
      typename Pool::Adaptor(ValueRange(input),
                             pool->getDiscardableAttrDictionary(), properties),
      types));
}

template <typename Pool>
static bool foldIntoPool(Pool pool, PadOp pad, ArrayRef<int64_t> border) {
  SmallVector<int64_t> pads = sum(pool.getPads(), border);
  if (!isLegal(pool, pad.getInput(), pads))
    return false;
  pool.setPads(pads);
  pool.getInputMutable().assign(pad.getInput());
  return true;
}

static bool foldIntoUser(Operation *user, PadOp pad) {
  std::optional<SmallVector<int64_t>> border = imageBorder(pad);
  if (!border)
    return false;
  return llvm::TypeSwitch<Operation *, bool>(user)
      .Case([&](Conv2DOp conv) { return foldIntoConv(conv, pad, *border); })
      .Case([&](MaxPool2DOp pool) {
        return isLowest(pad) && foldIntoPool(pool, pad, *border);
      })
      .Case([&](AvgPool2DOp pool) {
        // A border that was part of the image counts in the divisor, pads of
        // the pool itself may not: both at once cannot be said.
        bool unpadded =
            llvm::all_of(pool.getPads(), [](int64_t pad) { return pad == 0; });
        if (!isZero(pad) || !(unpadded || pool.getCountIncludePad()) ||
            !foldIntoPool(pool, pad, *border))
          return false;
        pool.setCountIncludePad(true);
        return true;
      })
      .Default([](Operation *) { return false; });
}

namespace {
struct FoldPad : lcp::impl::FoldPadBase<FoldPad> {
  void runOnOperation() override {
    SmallVector<PadOp> pads;
    getOperation().walk([&](PadOp pad) { pads.push_back(pad); });
    // The last first, so that a pad of a pad ends up in one window.
    for (PadOp pad : llvm::reverse(pads)) {
      for (Operation *user : llvm::make_early_inc_range(pad->getUsers()))
        if (foldIntoUser(user, pad))
          ++numFolded;
      eraseIfUnused({pad});
    }
  }
};
} // namespace
