//===- Apportion.cpp - Whole parts in proportion to shares ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Apportion.h"
#include <queue>
#include <vector>

using namespace llvm;

SmallVector<int64_t> mlir::lcp::apportion(int64_t units,
                                          ArrayRef<int64_t> shares) {
  SmallVector<int64_t> parts(shares.size(), 0);
  // Products in whole numbers: the same on every machine, and equal is equal.
  auto comesLater = [&](size_t a, size_t b) {
    if ((parts[a] == 0) != (parts[b] == 0))
      return parts[b] == 0;
    int64_t left = shares[a] * (2 * parts[b] + 1);
    int64_t right = shares[b] * (2 * parts[a] + 1);
    return left < right || (left == right && a > b);
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(comesLater)> next(
      comesLater);
  for (size_t part = 0; part < shares.size(); ++part)
    next.push(part);
  for (; units > 0; --units) {
    size_t part = next.top();
    next.pop();
    ++parts[part];
    next.push(part);
  }
  return parts;
}
