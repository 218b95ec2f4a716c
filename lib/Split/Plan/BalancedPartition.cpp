//===- BalancedPartition.cpp - Groups of fixed size, few edges cut --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BalancedPartition.h"
#include "MetisGraph.h"
#include <algorithm>
#include <array>
#include <numeric>

using namespace mlir::lcp;

unsigned PartitionProblem::Class::numUnits() const {
  return std::accumulate(sizes.begin(), sizes.end(), 0u);
}

unsigned PartitionProblem::numParts() const {
  return classes.empty() ? 0 : unsigned(classes[0].sizes.size());
}

double PartitionProblem::totalGain() const {
  double sum = 0;
  for (const Block &block : blocks)
    sum = std::accumulate(block.gains.begin(), block.gains.end(), sum);
  return sum;
}

double PartitionProblem::keptGain(const PartOfUnit &parts) const {
  double sum = 0;
  for (const Block &block : blocks) {
    const float *gain = block.gains.data();
    for (unsigned row : parts[block.rowClass])
      for (unsigned column : parts[block.columnClass])
        sum += row == column ? *gain++ : (gain++, 0.0f);
  }
  return sum;
}

PartOfUnit mlir::lcp::divideInOrder(const PartitionProblem &problem) {
  PartOfUnit parts;
  for (const PartitionProblem::Class &units : problem.classes) {
    parts.emplace_back();
    for (unsigned part = 0; part < units.sizes.size(); ++part)
      parts.back().insert(parts.back().end(), units.sizes[part], part);
  }
  return parts;
}

namespace {
/// Improves a division, one class at a time while the others stay.
class Refiner {
public:
  Refiner(const PartitionProblem &problem, PartOfUnit &parts)
      : problem(problem), parts(parts) {}

  /// Gives every part its size where `parts` does not.
  void repair();
  /// Until a sweep over the classes gains next to nothing.
  void refine();

private:
  void computeGains(unsigned index);
  /// What the units of the current class gain by the other side of a block,
  /// where they are its rows or its columns.
  void addRows(const PartitionProblem::Block &block);
  void addColumns(const PartitionProblem::Block &block);
  void repairClass(unsigned index);
  double exchangeAll(unsigned index);
  double exchange(unsigned index, unsigned a, unsigned b);
  float within(unsigned index, unsigned u, unsigned v) const;
  void moved(unsigned index, unsigned unit, unsigned from, unsigned to);
  float &gain(unsigned part, unsigned unit) {
    return gains[size_t(part) * numUnits + unit];
  }

  const PartitionProblem &problem;
  PartOfUnit &parts;
  /// Of the current class: what a unit is worth in each part.
  std::vector<float> gains;
  unsigned numUnits = 0;
  bool hasWithin = false;
};
} // namespace

/// A few rows at a time: each adds up in order, and none waits for another.
void Refiner::addRows(const PartitionProblem::Block &block) {
  constexpr unsigned strip = 8;
  unsigned rows = unsigned(parts[block.rowClass].size());
  const std::vector<unsigned> &columns = parts[block.columnClass];
  std::vector<std::array<float, strip>> sums(problem.numParts());
  for (unsigned row = 0; row < rows; row += strip) {
    unsigned count = std::min(strip, rows - row);
    const float *first = block.gains.data() + size_t(row) * columns.size();
    std::fill(sums.begin(), sums.end(), std::array<float, strip>());
    for (unsigned column = 0; column < columns.size(); ++column) {
      std::array<float, strip> &sum = sums[columns[column]];
      const float *value = first + column;
      for (unsigned i = 0; i < count; ++i, value += columns.size())
        sum[i] += *value;
    }
    for (unsigned part = 0; part < sums.size(); ++part)
      for (unsigned i = 0; i < count; ++i)
        gain(part, row + i) += sums[part][i];
  }
}

void Refiner::addColumns(const PartitionProblem::Block &block) {
  size_t columns = parts[block.columnClass].size();
  const float *value = block.gains.data();
  for (unsigned part : parts[block.rowClass]) {
    float *to = &gain(part, 0);
    for (size_t column = 0; column < columns; ++column)
      to[column] += value[column];
    value += columns;
  }
}

void Refiner::computeGains(unsigned index) {
  numUnits = unsigned(parts[index].size());
  gains.assign(size_t(numUnits) * problem.numParts(), 0.0f);
  hasWithin = false;
  for (const PartitionProblem::Block &block : problem.blocks) {
    if (block.rowClass == index)
      addRows(block);
    if (block.columnClass == index)
      addColumns(block);
    hasWithin |= block.rowClass == index && block.columnClass == index;
  }
}

/// What two units of one class gain when they are together.
float Refiner::within(unsigned index, unsigned u, unsigned v) const {
  float sum = 0;
  for (const PartitionProblem::Block &block : problem.blocks)
    if (block.rowClass == index && block.columnClass == index)
      sum += block.gains[size_t(u) * numUnits + v] +
             block.gains[size_t(v) * numUnits + u];
  return sum;
}

void Refiner::moved(unsigned index, unsigned unit, unsigned from, unsigned to) {
  parts[index][unit] = to;
  for (unsigned other = 0; hasWithin && other < numUnits; ++other) {
    float both = within(index, unit, other);
    gain(from, other) -= both;
    gain(to, other) += both;
  }
}

/// Sorts units by a key, the largest first, equal ones by number.
template <typename Key>
static void sortByKey(std::vector<unsigned> &units, Key key) {
  std::sort(units.begin(), units.end(), [&](unsigned u, unsigned v) {
    float x = key(u), y = key(v);
    return x > y || (x == y && u < v);
  });
}

/// Units stay in the part they are in while it has room, those that lose most
/// by leaving first; the others go where they gain most.
void Refiner::repairClass(unsigned index) {
  const std::vector<unsigned> &sizes = problem.classes[index].sizes;
  std::vector<unsigned> room(sizes), order(numUnits), &part = parts[index];
  std::iota(order.begin(), order.end(), 0u);
  sortByKey(order, [&](unsigned unit) { return gain(part[unit], unit); });
  std::vector<unsigned> homeless;
  for (unsigned unit : order)
    if (room[part[unit]] > 0)
      --room[part[unit]];
    else
      homeless.push_back(unit);
  for (unsigned unit : homeless) {
    unsigned best = 0;
    for (unsigned to = 0; to < room.size(); ++to)
      if (room[to] > 0 &&
          (room[best] == 0 || gain(to, unit) > gain(best, unit)))
        best = to;
    --room[best];
    moved(index, unit, part[unit], best);
  }
}

void Refiner::repair() {
  for (unsigned index = 0; index < parts.size(); ++index) {
    computeGains(index);
    repairClass(index);
  }
}

/// Exchanges units of two parts while that gains; without gains within the
/// class this is the best division of those units, found by sorting.
double Refiner::exchange(unsigned index, unsigned a, unsigned b) {
  std::vector<unsigned> fromA, fromB;
  for (unsigned unit = 0; unit < numUnits; ++unit)
    if (parts[index][unit] == a)
      fromA.push_back(unit);
    else if (parts[index][unit] == b)
      fromB.push_back(unit);
  auto wish = [&](unsigned unit) { return gain(b, unit) - gain(a, unit); };
  sortByKey(fromA, wish);
  sortByKey(fromB, [&](unsigned unit) { return -wish(unit); });
  double sum = 0;
  for (size_t i = 0; i < std::min(fromA.size(), fromB.size()); ++i) {
    unsigned u = fromA[i], v = fromB[i];
    double improvement = double(wish(u)) - wish(v);
    if (hasWithin)
      improvement -= 2 * within(index, u, v);
    if (improvement <= 1e-6 * (std::abs(wish(u)) + std::abs(wish(v))))
      break;
    moved(index, u, a, b);
    moved(index, v, b, a);
    sum += improvement;
  }
  return sum;
}

double Refiner::exchangeAll(unsigned index) {
  computeGains(index);
  double sum = 0;
  for (unsigned a = 0; a < problem.numParts(); ++a)
    for (unsigned b = a + 1; b < problem.numParts(); ++b)
      sum += exchange(index, a, b);
  return sum;
}

void Refiner::refine() {
  constexpr unsigned maxSweeps = 50;
  double enough = 1e-5 * problem.totalGain();
  double improvement = enough + 1;
  for (unsigned sweep = 0; sweep < maxSweeps && improvement > enough; ++sweep) {
    improvement = 0;
    for (unsigned index = 0; index < parts.size(); ++index)
      if (!problem.classes[index].fixed)
        improvement += exchangeAll(index);
  }
}

PartOfUnit mlir::lcp::divideByGain(const PartitionProblem &problem) {
  PartOfUnit best = divideInOrder(problem), other = divideByMetis(problem);
  Refiner(problem, best).refine();
  if (other.empty())
    return best;
  for (unsigned index = 0; index < problem.classes.size(); ++index)
    if (problem.classes[index].fixed)
      other[index] = divideInOrder(problem)[index];
  Refiner refiner(problem, other);
  refiner.repair();
  refiner.refine();
  return problem.keptGain(other) > problem.keptGain(best) ? other : best;
}
