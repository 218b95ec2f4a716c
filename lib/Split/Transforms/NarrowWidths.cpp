//===- NarrowWidths.cpp - The same network, plain and narrower ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/Footprint.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Sharding/ResizeShards.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_NARROWWIDTHSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

/// Shares are tried in steps of one in so many.
static constexpr int64_t kShares = 1000;

/// Leaves every layer but the classifier the first `share` of its channels.
static LogicalResult narrow(ModuleOp module, int64_t share,
                            StringRef classifier) {
  FailureOr<func::FuncOp> func = findWholeMain(module);
  if (failed(func))
    return failure();
  FailureOr<Operation *> last = findClassifier(*func, classifier);
  if (failed(last))
    return failure();
  auto firstOnes = [&](Value, int64_t units, int64_t quantum) {
    int64_t kept =
        std::max<int64_t>(1, std::lround(units * (double(share) / kShares)));
    return llvm::to_vector(llvm::seq<int64_t>(0, kept * quantum));
  };
  return resizeLayers(*func, *last, firstOnes, /*advice=*/"");
}

static FailureOr<int64_t> macsAt(ModuleOp weightless, int64_t share,
                                 StringRef classifier) {
  OwningOpRef<ModuleOp> trial = weightless.clone();
  if (failed(narrow(*trial, share, classifier)))
    return failure();
  FailureOr<NetworkFootprint> footprint = measureNetwork(*trial);
  if (failed(footprint))
    return failure();
  return footprint->outside.macs.total();
}

/// The share whose multiply-accumulates, which grow with it, come closest.
static FailureOr<int64_t> findShare(ModuleOp module, int64_t wanted,
                                    StringRef classifier) {
  OwningOpRef<ModuleOp> weightless = stripWeights(module);
  // Too few at `low`, enough at `high`.
  int64_t low = 0, high = kShares, atLow = 0;
  FailureOr<int64_t> atHigh = macsAt(*weightless, high, classifier);
  if (failed(atHigh))
    return failure();
  if (wanted < 1 || wanted > *atHigh)
    return module.emitError("macs must be from 1 to the network's own, ")
           << *atHigh << ", not " << wanted;
  while (high - low > 1) {
    int64_t middle = (low + high) / 2;
    FailureOr<int64_t> macs = macsAt(*weightless, middle, classifier);
    if (failed(macs))
      return failure();
    if (*macs < wanted) {
      low = middle;
      atLow = *macs;
    } else {
      high = middle;
      atHigh = *macs;
    }
  }
  return low > 0 && wanted - atLow < *atHigh - wanted ? low : high;
}

namespace {
struct NarrowWidths : mlir::lcp::impl::NarrowWidthsPassBase<NarrowWidths> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<int64_t> share = findShare(module, macs, classifier);
    if (failed(share) || failed(narrow(module, *share, classifier)))
      return signalPassFailure();
    FailureOr<NetworkFootprint> footprint = measureNetwork(module);
    if (failed(footprint))
      return signalPassFailure();
    keptPermille = *share;
    module.emitRemark() << llvm::formatv("{0:F1} % of the width, {1} "
                                         "multiply-accumulates",
                                         100.0 * *share / kShares,
                                         footprint->outside.macs.total())
                               .str()
                        << "; train it before it is used";
  }
};
} // namespace
