//===- ConstantNumbers.h - Elements of any type as numbers ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_CONSTANTNUMBERS_H
#define LCP_LIB_IMPORT_ONNX_CONSTANTNUMBERS_H

#include "ConstantEval.h"

namespace lcp::onnx {

/// Most elements that are computed with, eight bytes each. Elements that are
/// only moved are bounded by the budget alone.
constexpr int64_t maxNumbers = int64_t(1) << 27;

/// Integers and floats are kept apart: 64-bit sentinels such as INT64_MAX do
/// not fit a double.
struct Numbers {
  bool floating = false;
  std::vector<int64_t> ints;
  std::vector<double> floats;
};

bool isFloating(ElementType type);

/// Empty where there are too many.
std::optional<Numbers> toNumbers(const Tensor &tensor);

/// Stores numbers of the matching kind; float, double, bool, int32 and int64
/// are what such graphs hold. Empty where the budget does not hold them, or
/// with a reason for any other type.
std::optional<Tensor> fromNumbers(ElementType type, std::vector<int64_t> dims,
                                  const Numbers &numbers,
                                  ConstantBudget &budget, std::string &reason);

} // namespace lcp::onnx

#endif // LCP_LIB_IMPORT_ONNX_CONSTANTNUMBERS_H
