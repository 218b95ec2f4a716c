//===- MetisGraph.cpp - A partition problem as METIS takes it -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MetisGraph.h"
#include <algorithm>
#include <metis.h>
#include <numeric>

using namespace mlir::lcp;

namespace {
constexpr idx_t kSeed = 1;
/// The heaviest edge's weight as METIS counts, in whole numbers.
constexpr float kHeaviest = 10000;
/// Edges that METIS sees of each unit in each block.
constexpr unsigned kEdges = 32;

class GraphBuilder {
public:
  explicit GraphBuilder(const PartitionProblem &problem);
  PartOfUnit run();

private:
  void addEdges(const PartitionProblem::Block &block, float scale);
  void addHeaviest(const float *first, unsigned count, unsigned stride,
                   unsigned vertex, unsigned firstOther, float scale);
  void joinDuplicates(std::vector<std::pair<idx_t, idx_t>> &list) const;

  const PartitionProblem &problem;
  /// Number of a class's first vertex.
  std::vector<unsigned> offsets;
  unsigned numVertices = 0;
  /// By vertex: the other one, and the weight.
  std::vector<std::vector<std::pair<idx_t, idx_t>>> edges;
};
} // namespace

GraphBuilder::GraphBuilder(const PartitionProblem &problem) : problem(problem) {
  for (const PartitionProblem::Class &units : problem.classes) {
    offsets.push_back(numVertices);
    numVertices += units.numUnits();
  }
  edges.resize(numVertices);
  float heaviest = 0;
  for (const PartitionProblem::Block &block : problem.blocks)
    for (float gain : block.gains)
      heaviest = std::max(heaviest, gain);
  if (heaviest > 0)
    for (const PartitionProblem::Block &block : problem.blocks)
      addEdges(block, kHeaviest / heaviest);
}

void GraphBuilder::addHeaviest(const float *first, unsigned count,
                               unsigned stride, unsigned vertex,
                               unsigned firstOther, float scale) {
  std::vector<unsigned> order(count);
  std::iota(order.begin(), order.end(), 0u);
  unsigned kept = std::min(count, kEdges);
  std::partial_sort(order.begin(), order.begin() + kept, order.end(),
                    [&](unsigned i, unsigned j) {
                      float x = first[size_t(i) * stride];
                      float y = first[size_t(j) * stride];
                      return x > y || (x == y && i < j);
                    });
  for (unsigned i = 0; i < kept; ++i) {
    unsigned other = firstOther + order[i];
    auto weight = idx_t(first[size_t(order[i]) * stride] * scale);
    if (other == vertex || weight == 0)
      continue;
    edges[vertex].emplace_back(other, weight);
    edges[other].emplace_back(vertex, weight);
  }
}

/// An edge that is heavy for both of its ends is there twice: no harm, so long
/// as it is so for both.
void GraphBuilder::addEdges(const PartitionProblem::Block &block, float scale) {
  unsigned rows = problem.classes[block.rowClass].numUnits();
  unsigned columns = problem.classes[block.columnClass].numUnits();
  unsigned firstRow = offsets[block.rowClass];
  unsigned firstColumn = offsets[block.columnClass];
  const float *gains = block.gains.data();
  for (unsigned row = 0; row < rows; ++row)
    addHeaviest(gains + size_t(row) * columns, columns, 1, firstRow + row,
                firstColumn, scale);
  if (columns <= kEdges)
    return;
  for (unsigned column = 0; column < columns; ++column)
    addHeaviest(gains + column, rows, columns, firstColumn + column, firstRow,
                scale);
}

/// METIS wants each neighbour once.
void GraphBuilder::joinDuplicates(
    std::vector<std::pair<idx_t, idx_t>> &list) const {
  std::sort(list.begin(), list.end());
  size_t end = 0;
  for (const auto &[other, weight] : list)
    if (end > 0 && list[end - 1].first == other)
      list[end - 1].second += weight;
    else
      list[end++] = {other, weight};
  list.resize(end);
}

PartOfUnit GraphBuilder::run() {
  std::vector<idx_t> starts = {0}, neighbours, weights;
  for (auto &list : edges) {
    joinDuplicates(list);
    for (const auto &[other, weight] : list) {
      neighbours.push_back(other);
      weights.push_back(weight);
    }
    starts.push_back(idx_t(neighbours.size()));
    list = {};
  }
  idx_t vertices = idx_t(numVertices), parts = idx_t(problem.numParts());
  idx_t constraints = idx_t(problem.classes.size()), cut = 0;
  std::vector<idx_t> counts(size_t(vertices) * constraints, 0), found(vertices);
  std::vector<real_t> shares(size_t(parts) * constraints);
  for (idx_t index = 0; index < constraints; ++index) {
    const PartitionProblem::Class &units = problem.classes[index];
    for (unsigned unit = 0; unit < units.numUnits(); ++unit)
      counts[size_t(offsets[index] + unit) * constraints + index] = 1;
    for (idx_t part = 0; part < parts; ++part)
      shares[part * constraints + index] =
          real_t(units.sizes[part]) / units.numUnits();
  }
  idx_t options[METIS_NOPTIONS];
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = kSeed;
  if (METIS_PartGraphRecursive(&vertices, &constraints, starts.data(),
                               neighbours.data(), counts.data(), nullptr,
                               weights.data(), &parts, shares.data(), nullptr,
                               options, &cut, found.data()) != METIS_OK)
    return {};
  PartOfUnit result;
  for (unsigned index = 0; index < problem.classes.size(); ++index)
    result.emplace_back(found.begin() + offsets[index],
                        found.begin() + offsets[index] +
                            problem.classes[index].numUnits());
  return result;
}

PartOfUnit mlir::lcp::divideByMetis(const PartitionProblem &problem) {
  if (problem.classes.empty() || problem.numParts() < 2)
    return {};
  return GraphBuilder(problem).run();
}
