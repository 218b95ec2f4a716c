//===- WinogradTransform.cpp - The transforms of F(mxm, 3x3) --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/WinogradTransform.h"
#include <array>
#include <cmath>

using namespace mlir;
using namespace mlir::lcp::cpu;

/// Lines are ordered as the points: 0, +a, -a, +b, -b, infinity.
ArrayRef<double> WinogradTransform::getPoints() const {
  static constexpr double two[] = {1}, four[] = {0.625, 1.5};
  return results == 2 ? ArrayRef<double>(two) : ArrayRef<double>(four);
}

/// The coefficients of the product of x - p^2 over all points p but one, in
/// ascending powers; `without` may be no point's index.
static SmallVector<double> multiplyOut(ArrayRef<double> points,
                                       size_t without) {
  SmallVector<double> product{1};
  for (size_t i = 0; i < points.size(); ++i) {
    if (i == without)
      continue;
    product.push_back(0);
    for (size_t j = product.size() - 1; j > 0; --j)
      product[j] = product[j - 1] - points[i] * points[i] * product[j];
    product[0] *= -points[i] * points[i];
  }
  return product;
}

int64_t WinogradTransform::getInputOperations() const {
  int64_t pairs = getPoints().size();
  return 2 * pairs + pairs * (2 * (pairs - 1) + 2);
}

int64_t WinogradTransform::getSumOperations() const {
  int64_t pairs = getPoints().size();
  return 2 * pairs + results * pairs + 1;
}

/// A row of G: powers of a point, scaled.
using Row = std::array<double, 3>;

/// G, a row for each point.
static SmallVector<Row> getWeightRows(ArrayRef<double> points) {
  double atZero = 1;
  for (double p : points)
    atZero *= -p * p;
  SmallVector<Row> rows{{1 / atZero, 0, 0}};
  for (double p : points) {
    // The product of p - q over all other points q: p, and p - q and p + q.
    double others = 2 * p * p;
    for (double q : points)
      if (q != p)
        others *= p * p - q * q;
    rows.push_back({1 / others, p / others, p * p / others});
    rows.push_back({1 / others, -p / others, p * p / others});
  }
  rows.push_back({0, 0, 1});
  return rows;
}

std::vector<float>
WinogradTransform::transformWindows(ArrayRef<float> windows) const {
  SmallVector<Row> rows = getWeightRows(getPoints());
  std::vector<float> transformed;
  transformed.reserve(windows.size() / 9 * getProducts());
  for (; !windows.empty(); windows = windows.drop_front(9))
    for (const Row &down : rows) {
      Row line;
      for (size_t x = 0; x < line.size(); ++x)
        line[x] = down[0] * windows[x] + down[1] * windows[3 + x] +
                  down[2] * windows[6 + x];
      for (const Row &across : rows)
        transformed.push_back(static_cast<float>(
            across[0] * line[0] + across[1] * line[1] + across[2] * line[2]));
    }
  return transformed;
}

namespace {
/// Sums of lines with known factors.
struct LineBuilder {
  KernelBuilder &k;

  /// sum + factor * value; the value alone where there is no sum yet.
  Value addProduct(double factor, Value value, Value sum) const {
    if (factor == 1)
      return sum ? k.plus(sum, value) : value;
    if (factor == -1 && sum)
      return k.builder().create<arith::SubFOp>(k.loc(), sum, value);
    Type type = value.getType();
    auto vector = dyn_cast<VectorType>(type);
    Value scale = k.splat(k.constant(getElementTypeOrSelf(type), factor),
                          vector ? vector.getDimSize(0) : 1);
    if (!sum)
      return k.builder().create<arith::MulFOp>(k.loc(), value, scale);
    return k.multiplyAdd(value, scale, sum);
  }

  /// The sum of factors[i] * line[first + 2 * i], last first: its factor is 1.
  Value addEverySecond(ArrayRef<double> factors, ValueRange line,
                       size_t first) const {
    Value sum;
    for (size_t i = factors.size(); i-- > 0;)
      sum = addProduct(factors[i], line[first + 2 * i], sum);
    return sum;
  }
};
} // namespace

SmallVector<Value> WinogradTransform::transformInputs(KernelBuilder &k,
                                                      ValueRange line) const {
  LineBuilder lines{k};
  ArrayRef<double> points = getPoints();
  SmallVector<double> all = multiplyOut(points, points.size());
  SmallVector<Value> transformed{lines.addEverySecond(all, line, 0)};
  for (auto [i, point] : llvm::enumerate(points)) {
    SmallVector<double> others = multiplyOut(points, i);
    Value even = lines.addEverySecond(others, line, 2);
    Value odd = lines.addEverySecond(others, line, 1);
    transformed.push_back(lines.addProduct(point, odd, even));
    transformed.push_back(lines.addProduct(-point, odd, even));
  }
  transformed.push_back(lines.addEverySecond(all, line, 1));
  return transformed;
}

SmallVector<Value> WinogradTransform::transformSums(KernelBuilder &k,
                                                    ValueRange line) const {
  LineBuilder lines{k};
  ArrayRef<double> points = getPoints();
  SmallVector<Value> even, odd;
  for (size_t i = 0; i < points.size(); ++i) {
    Value plus = line[2 * i + 1], minus = line[2 * i + 2];
    even.push_back(k.plus(plus, minus));
    odd.push_back(lines.addProduct(-1, minus, plus));
  }
  SmallVector<Value> transformed;
  for (int64_t power = 0; power < results; ++power) {
    Value sum;
    if (power == 0)
      sum = line.front();
    if (power == results - 1)
      sum = line.back();
    for (auto [i, point] : llvm::enumerate(points))
      sum = lines.addProduct(std::pow(point, power),
                             (power % 2 == 0 ? even : odd)[i], sum);
    transformed.push_back(sum);
  }
  return transformed;
}
