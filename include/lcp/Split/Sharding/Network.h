//===- Network.h - What the split passes ask of a network ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_NETWORK_H
#define LCP_SPLIT_SHARDING_NETWORK_H

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Dialect/LCP/IR/Queries.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lcp {

/// @main of a network that is not divided yet, or an error. Erases the ops
/// that no result depends on: they have no part in the network, least of all
/// the classifier's.
FailureOr<func::FuncOp> findWholeMain(ModuleOp module);

/// What ChannelOpInterface::followChannels says of any op and any `parts` of
/// its operands; an error as well where there are none.
llvm::Expected<ChannelSlice>
followParts(Operation *op, ArrayRef<std::optional<ChannelSlice>> parts);

/// The final layer: the one no other layer depends on, or the one named `name`.
/// Reports when there is none, or several and no name.
FailureOr<Operation *> findClassifier(func::FuncOp func, StringRef name);

/// Size of dimension 1, where the dialect's networks have their channels.
int64_t channelCount(Value value);

/// How a tensor is divided over branches: part b is branch b's.
struct Partition {
  int64_t axis = 1;
  SmallVector<ChannelList> parts;

  ChannelSlice slice(unsigned branch) const { return {axis, parts[branch]}; }
  int64_t size() const;
  bool hasEmptyPart() const;
  /// For lcp.merge: where in the concatenation of the parts each position is;
  /// empty when they are in order.
  SmallVector<int64_t> mergeOrder() const;
  bool operator==(const Partition &other) const {
    return axis == other.axis && parts == other.parts;
  }
};

/// The division of the result of `op` when each branch computes it for its part
/// of the operands that have one, as `lookup` says; none: it sees all of them.
/// An error where followParts gives one.
llvm::Expected<Partition>
followPartitions(Operation *op, unsigned branches,
                 function_ref<std::optional<Partition>(Value)> lookup);

/// The lcp.merge that makes a whole tensor of the parts in `pieces`.
Value createMerge(OpBuilder &builder, Location loc, ValueRange pieces,
                  const Partition &partition);

/// The lcp.merge that adds `pieces`.
Value createSum(OpBuilder &builder, Location loc, ValueRange pieces);

/// Erases the constants of `func` that nothing reads any more.
void eraseDeadConstants(func::FuncOp func);

/// Which positions of a concatenation each branch holds.
Partition partitionOfMerge(MergeOp op);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_NETWORK_H
