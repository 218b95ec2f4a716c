//===- MaskedNetwork.h - A network without some connections -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_MASKEDNETWORK_H
#define LCP_LIB_SPLIT_MASKEDNETWORK_H

#include "BalancedPartition.h"
#include "ChannelOrigins.h"

namespace mlir::lcp {

/// A layer that will see its own branch's channels only. The origins belong to
/// a ChannelOrigins.
struct ThinnedLayer {
  Operation *op;
  ConstantOp weight;
  const ChannelOrigin *output, *input;
};

/// A copy of a network whose weights between branches are zero, which answers
/// as its branches will. Only mixers without weights (lrn, softmax) differ:
/// here they see all channels. The copy has weights of its own, changed in
/// place.
class MaskedNetwork {
public:
  MaskedNetwork(func::FuncOp func, const WidthPlan &plan,
                ArrayRef<ThinnedLayer> layers);
  ~MaskedNetwork();

  void mask(const PartOfUnit &parts);

  func::FuncOp getFunction() { return *copy; }
  /// What the classifier makes.
  Value getOutput() { return output; }

private:
  struct Layer {
    ThinnedLayer original;
    ConstantOp weight;
    MutableArrayRef<float> values;
  };
  OwningOpRef<func::FuncOp> copy;
  Value output;
  SmallVector<Layer> layers;
};

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_MASKEDNETWORK_H
