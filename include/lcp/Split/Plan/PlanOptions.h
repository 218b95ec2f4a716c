//===- PlanOptions.h - The values of lcp-plan-split's options ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PLAN_PLANOPTIONS_H
#define LCP_SPLIT_PLAN_PLANOPTIONS_H

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Support/NamedValueOption.h"

namespace mlir::lcp {

/// How wide branches are: parts of a layer's channels that differ by at most
/// one, or max(1, floor(width / factor)) each.
enum class Rounding { Spread, Floor };

/// Which channels go together: neighbours, or those with heavy connections.
enum class Assignment { Contiguous, Affinity };

/// Which layers are row parallel, by input channels: none, or the second ones of
/// pairs.
enum class ParallelStyle { Column, ColumnRow };

/// ClassifierMerge, or the one of concat and sum-logits that sends fewer bytes.
enum class MergeChoice { Concat, SumLogits, SumFeatures, Auto };

template <> struct ValueNames<Rounding> {
  static constexpr NamedValue<Rounding> list[] = {{Rounding::Spread, "spread"},
                                                  {Rounding::Floor, "floor"}};
};
template <> struct ValueNames<Assignment> {
  static constexpr NamedValue<Assignment> list[] = {
      {Assignment::Contiguous, "contiguous"},
      {Assignment::Affinity, "affinity"}};
};
template <> struct ValueNames<ParallelStyle> {
  static constexpr NamedValue<ParallelStyle> list[] = {
      {ParallelStyle::Column, "column"},
      {ParallelStyle::ColumnRow, "column-row"}};
};
template <> struct ValueNames<MergeChoice> {
  static constexpr NamedValue<MergeChoice> list[] = {
      {MergeChoice::Concat, "concat"},
      {MergeChoice::SumLogits, "sum-logits"},
      {MergeChoice::SumFeatures, "sum-features"},
      {MergeChoice::Auto, "auto"}};
};
template <> struct ValueNames<JoinKind> {
  static constexpr NamedValue<JoinKind> list[] = {
      {JoinKind::Whole, "whole"}, {JoinKind::Shuffle, "shuffle"}};
};

} // namespace mlir::lcp

namespace llvm::cl {
template <>
struct parser<mlir::lcp::Rounding>
    : mlir::lcp::NamedValueParser<mlir::lcp::Rounding> {
  using NamedValueParser::NamedValueParser;
};
template <>
struct parser<mlir::lcp::Assignment>
    : mlir::lcp::NamedValueParser<mlir::lcp::Assignment> {
  using NamedValueParser::NamedValueParser;
};
template <>
struct parser<mlir::lcp::ParallelStyle>
    : mlir::lcp::NamedValueParser<mlir::lcp::ParallelStyle> {
  using NamedValueParser::NamedValueParser;
};
template <>
struct parser<mlir::lcp::MergeChoice>
    : mlir::lcp::NamedValueParser<mlir::lcp::MergeChoice> {
  using NamedValueParser::NamedValueParser;
};
template <>
struct parser<mlir::lcp::JoinKind>
    : mlir::lcp::NamedValueParser<mlir::lcp::JoinKind> {
  using NamedValueParser::NamedValueParser;
};
} // namespace llvm::cl

#endif // LCP_SPLIT_PLAN_PLANOPTIONS_H
