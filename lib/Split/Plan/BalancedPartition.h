//===- BalancedPartition.h - Even groups, few edges cut ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A graph partition that is balanced in every class of vertices, not only over
// all of them. No MLIR: vertices are numbers.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_BALANCEDPARTITION_H
#define LCP_LIB_SPLIT_PLAN_BALANCEDPARTITION_H

#include <vector>

namespace mlir::lcp {

/// The part of each unit, by class.
using PartOfUnit = std::vector<std::vector<unsigned>>;

/// Units, in classes, and what is gained when two units are in one part.
struct PartitionProblem {
  struct Class {
    /// How many units each part gets; as many entries in every class.
    std::vector<unsigned> sizes;
    /// Stays divided in order.
    bool fixed = false;
    unsigned numUnits() const;
  };
  /// Gains between the units of two classes, which may be one and the same.
  struct Block {
    unsigned rowClass, columnClass;
    /// Row-major, none negative.
    std::vector<float> gains;
  };
  std::vector<Class> classes;
  std::vector<Block> blocks;

  unsigned numParts() const;
  /// The sum over all pairs, and over those in one part.
  double totalGain() const;
  double keptGain(const PartOfUnit &parts) const;
};

/// Each class in order: its first units to part 0, and so on.
PartOfUnit divideInOrder(const PartitionProblem &problem);

/// A division with a large keptGain, at least that in order: METIS's, with the
/// sizes repaired, or the one in order, whichever is better after exchanging
/// units until no exchange of two helps. The same on every run.
PartOfUnit divideByGain(const PartitionProblem &problem);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_BALANCEDPARTITION_H
