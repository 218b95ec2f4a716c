//===- ConstantEval.h - ONNX nodes over constants ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters write shapes as graphs: Shape, Gather, Concat, Reshape. With static
// shapes those graphs are constants, and this evaluates them. It holds just the
// operators such graphs are made of; it is not an interpreter of models.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_CONSTANTEVAL_H
#define LCP_LIB_IMPORT_ONNX_CONSTANTEVAL_H

#include "Attributes.h"

#include <functional>

namespace lcp::onnx {

/// Bytes that the constants made during one import may take together: a graph
/// of a few nodes could ask for any size, or for a large one many times.
class ConstantBudget {
public:
  explicit ConstantBudget(size_t bytes = size_t(1) << 31) : left(bytes) {}
  /// False, taking nothing, where fewer bytes are left.
  bool take(size_t bytes);

private:
  size_t left;
};

/// Whether `evaluate` knows the operator.
bool canEvaluate(const std::string &opType);

/// The only output of a node whose inputs are the given constants (null where
/// an optional one is absent), or empty and a reason. Throws nothing.
std::optional<Tensor> evaluate(const Node &node,
                               const std::vector<const Tensor *> &inputs,
                               int64_t opset, ConstantBudget &budget,
                               std::string &reason);

/// A new tensor; empty where the budget does not hold it. Like what calls it,
/// it throws std::bad_alloc.
std::optional<Tensor> makeTensor(ElementType type, std::vector<int64_t> dims,
                                 ConstantBudget &budget);

/// A tensor of 64-bit integers.
Tensor makeInt64Tensor(std::vector<int64_t> dims,
                       const std::vector<int64_t> &values);

/// Element `i` of the result is element `source(position)` of `input`, both
/// counted in row-major order.
std::optional<Tensor> moveElements(
    const Tensor &input, std::vector<int64_t> dims, ConstantBudget &budget,
    const std::function<int64_t(const std::vector<int64_t> &)> &source);

/// `input` with its dimensions in another order.
std::optional<Tensor> transpose(const Tensor &input,
                                const std::vector<int64_t> &permutation,
                                ConstantBudget &budget);

/// Target dimensions of Reshape: 0 copies (unless `allowZero`), -1 is inferred.
std::optional<std::vector<int64_t>>
reshapeDims(const std::vector<int64_t> &from,
            const std::vector<int64_t> &requested, bool allowZero,
            std::string &reason);

/// Dimensions after Squeeze or Unsqueeze. Without axes Squeeze drops all ones.
std::optional<std::vector<int64_t>>
squeezeDims(const std::vector<int64_t> &from,
            const std::optional<std::vector<int64_t>> &axes,
            std::string &reason);
std::optional<std::vector<int64_t>>
unsqueezeDims(const std::vector<int64_t> &from,
              const std::vector<int64_t> &axes, std::string &reason);

/// One axis of a Slice: `count` positions from `begin`, `step` apart.
struct SliceRange {
  int64_t axis, begin, step, count;
};

/// The ranges that a Slice node takes of a tensor of shape `dims`; starts,
/// ends, axes and steps are attributes before opset 10 and inputs from it on.
std::optional<std::vector<SliceRange>>
sliceRanges(const Node &node, const std::vector<const Tensor *> &inputs,
            const std::vector<int64_t> &dims, int64_t opset,
            std::string &reason);

} // namespace lcp::onnx

#endif // LCP_LIB_IMPORT_ONNX_CONSTANTEVAL_H
