//===- ParallelBuilder.cpp - Assembles one lcp.parallel -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ParallelBuilder.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"

using namespace mlir;
using namespace mlir::lcp;

ParallelBuilder::ParallelBuilder(MLIRContext *context, unsigned branches) {
  for (unsigned branch = 0; branch < branches; ++branch) {
    regions.push_back(std::make_unique<Region>());
    builders.emplace_back(context);
    builders.back().setInsertionPointToEnd(&regions.back()->emplaceBlock());
  }
}

SmallVector<Value> ParallelBuilder::addShared(Value value) {
  SmallVector<Value> &arguments = sharedArguments[value];
  if (arguments.empty()) {
    for (auto &region : regions)
      arguments.push_back(region->front().insertArgument(
          shared.size(), value.getType(), value.getLoc()));
    shared.push_back(value);
  }
  return arguments;
}

SmallVector<Value> ParallelBuilder::addOwn(ArrayRef<Value> group) {
  SmallVector<Value> &arguments = ownArguments[group[0]];
  if (arguments.empty()) {
    for (auto [region, value] : llvm::zip(regions, group))
      arguments.push_back(
          region->front().addArgument(value.getType(), value.getLoc()));
    own.emplace_back(group);
  }
  return arguments;
}

unsigned ParallelBuilder::addResults(ArrayRef<Value> group) {
  results.emplace_back(group);
  return results.size() - 1;
}

ParallelOp ParallelBuilder::finish(OpBuilder &builder, Location loc,
                                   unsigned firstDevice) {
  SmallVector<Value> ownOperands;
  for (ArrayRef<Value> group : own)
    llvm::append_range(ownOperands, group);
  SmallVector<Type> types;
  for (ArrayRef<Value> group : results)
    for (Value value : group)
      types.push_back(value.getType());
  for (auto [branch, at] : llvm::enumerate(builders)) {
    SmallVector<Value> yielded;
    for (ArrayRef<Value> group : results)
      yielded.push_back(group[branch]);
    at.create<YieldOp>(loc, yielded);
  }
  auto parallel = builder.create<ParallelOp>(loc, types, shared, ownOperands,
                                             regions.size());
  setFirstDevice(parallel, firstDevice);
  for (auto [region, made] : llvm::zip(parallel.getBranches(), regions))
    region.takeBody(*made);
  return parallel;
}

Value mlir::lcp::shareWhole(OpBuilder &builder, Location loc, Value piece) {
  int64_t rank = cast<RankedTensorType>(piece.getType()).getRank();
  // A scalar has no axis to be put together along.
  MergeKind kind = rank == 0 ? MergeKind::Sum : MergeKind::Concat;
  return builder.create<MergeOp>(
      loc, MergeKindAttr::get(builder.getContext(), kind), piece,
      builder.getI64IntegerAttr(rank == 1 ? 0 : 1), DenseI64ArrayAttr());
}
