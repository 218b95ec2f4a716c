//===- RandomNetwork.cpp - Small random networks, and who owns what -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomNetwork.h"
#include <algorithm>
#include <set>

using namespace lcp::test;

int RandomNetwork::pick(int low, int high) {
  return low + int(engine() % unsigned(high - low + 1));
}

int RandomNetwork::add(Node node) {
  for (int input : node.inputs)
    node.depth = std::max(node.depth, nodes[input].depth);
  node.depth +=
      node.groups == 1 && (node.kind == Kind::Conv || node.kind == Kind::Dense);
  nodes.push_back(std::move(node));
  return int(nodes.size()) - 1;
}

/// Small integers, most of them zero, so that sums stay exact.
std::vector<float> RandomNetwork::randomWeights(size_t count) {
  std::vector<float> values(count);
  for (float &value : values)
    value = pick(0, 2) == 0 ? float(pick(-2, 2)) : 0.0f;
  return values;
}

std::vector<float> RandomNetwork::randomInput() {
  return randomWeights(size_t(input().channels) * input().size * input().size);
}

/// How many of `units` each branch has: without shares as many as the others,
/// the first ones one more; with them one, and the rest by Sainte-Lague's
/// table, the quotients share / 3, share / 5, ... of all branches, the largest
/// first.
std::vector<int> RandomNetwork::unitsOf(int units) const {
  std::vector<int> result;
  if (sharesOfWidth.empty()) {
    for (int branch = 0; branch < numBranches; ++branch)
      result.push_back(units / numBranches + (branch < units % numBranches));
    return result;
  }
  std::vector<std::pair<long double, int>> table;
  for (int branch = 0; branch < numBranches; ++branch)
    for (int row = 1; row < units; ++row)
      table.emplace_back(-(long double)sharesOfWidth[branch] / (2 * row + 1),
                         branch);
  std::sort(table.begin(), table.end());
  result.assign(numBranches, 1);
  for (int row = 0; row < units - numBranches; ++row)
    ++result[table[row].second];
  return result;
}

/// Units of `quantum` channels, dealt in order.
std::vector<int> RandomNetwork::spread(int width, int quantum) const {
  std::vector<int> label, units = unitsOf(width / quantum);
  for (int branch = 0; branch < numBranches; ++branch)
    label.insert(label.end(), size_t(units[branch] * quantum), branch);
  return label;
}

int RandomNetwork::conv(int from, int width, std::vector<int> label,
                        int kernel) {
  const Node &input = nodes[from];
  Node node{Kind::Conv, {from}, width, input.size};
  node.kernel = kernel ? kernel : pick(0, 1) * 2 + 1;
  node.pad = node.kernel / 2;
  node.weight =
      randomWeights(size_t(width) * input.channels * node.kernel * node.kernel);
  if (pick(0, 1))
    node.bias = randomWeights(width);
  node.label = std::move(label);
  return add(std::move(node));
}

/// A convolution in groups, which wants the layer before it divided between
/// groups; with one input channel a group it is depthwise.
int RandomNetwork::grouped(int from) {
  int groups = pick(numBranches, 2 * numBranches + 1);
  int inputs = pick(1, 2), outputs = pick(1, 2);
  int before = conv(from, groups * inputs, spread(groups * inputs, inputs));
  Node node{Kind::Conv, {before}, groups * outputs, nodes[before].size};
  node.kernel = 3;
  node.pad = 1;
  node.groups = groups;
  node.weight = randomWeights(size_t(groups) * outputs * inputs * 9);
  node.label = spread(groups * outputs, outputs);
  return add(std::move(node));
}

/// Squeeze and excitation: each channel times what two layers make of the mean
/// of all of them.
int RandomNetwork::gate(int from) {
  int width = nodes[from].channels, squeezed = pick(numBranches, width);
  Node pool{Kind::GlobalPool, {from}, width, 1};
  pool.label = nodes[from].label;
  int mean = add(std::move(pool));
  int inner = conv(mean, squeezed, spread(squeezed, 1), 1);
  int factors = conv(inner, width, nodes[from].label, 1);
  Node product{Kind::Mul, {from, factors}, width, nodes[from].size};
  product.label = nodes[from].label;
  return add(std::move(product));
}

int RandomNetwork::growStructure(int from) {
  int width = nodes[from].channels, size = nodes[from].size;
  if (pick(0, 2) == 0)
    return grouped(from);
  if (pick(0, 3) == 0)
    return gate(from);
  if (pick(0, 1)) {
    // A residual add forces the layer to be divided like the older side.
    int layer = conv(from, width, nodes[from].label);
    Node sum{Kind::Add, {layer, from}, width, size};
    sum.label = nodes[from].label;
    return add(std::move(sum));
  }
  int more = pick(numBranches, 2 * numBranches + 1);
  int layer = conv(from, more, spread(more, 1));
  Node joined{Kind::Concat, {from, layer}, width + more, size};
  joined.label = nodes[from].label;
  joined.label.insert(joined.label.end(), nodes[layer].label.begin(),
                      nodes[layer].label.end());
  return add(std::move(joined));
}

/// One more step of the network, after `from`.
int RandomNetwork::grow(int from) {
  Node next{Kind::Relu, {from}, nodes[from].channels, nodes[from].size};
  next.label = nodes[from].label;
  int width = pick(numBranches, 3 * numBranches + 2);
  switch (pick(0, 9)) {
  case 0:
  case 1:
    return conv(from, width, spread(width, 1));
  case 2:
  case 3:
  case 4:
    return growStructure(from);
  case 5: {
    // A border, then a convolution that uses it up.
    next.kind = Kind::Pad;
    next.size += 2;
    int layer = conv(add(next), width, spread(width, 1), 3);
    nodes[layer].pad = 0;
    nodes[layer].size -= 2;
    return layer;
  }
  case 6:
    if (next.size < 4)
      return add(next);
    next.kind = pick(0, 1) ? Kind::MaxPool : Kind::AvgPool;
    next.size /= 2;
    return add(next);
  case 7:
    if (pick(0, 2))
      return add(next);
    exact = false;
    next.kind = pick(0, 1) ? Kind::Lrn : Kind::BatchNorm;
    next.weight = randomWeights(next.channels);
    next.bias = randomWeights(next.channels);
    return add(next);
  default:
    return add(next);
  }
}

/// To a vector, perhaps through a hidden layer, to the classifier.
int RandomNetwork::classify(int from) {
  if (pick(0, 1)) {
    Node pool{Kind::GlobalPool, {from}, nodes[from].channels, 1};
    pool.label = nodes[from].label;
    from = add(std::move(pool));
  }
  int pixels = nodes[from].size * nodes[from].size;
  Node flat{Kind::Flatten, {from}, nodes[from].channels * pixels, 0};
  for (int label : nodes[from].label)
    flat.label.insert(flat.label.end(), size_t(pixels), label);
  from = add(std::move(flat));
  for (int hidden = pick(0, 1); hidden >= 0; --hidden) {
    int width = hidden ? pick(numBranches, 20) : 3;
    Node dense{Kind::Dense, {from}, width, 0};
    dense.weight = randomWeights(size_t(width) * nodes[from].channels);
    dense.bias = randomWeights(width);
    // The classifier, last, sees everything and belongs to nobody.
    if (hidden)
      dense.label = spread(width, 1);
    from = add(std::move(dense));
  }
  return from;
}

RandomNetwork::RandomNetwork(unsigned seed, int branches,
                             std::vector<int64_t> shares)
    : engine(seed), numBranches(branches), sharesOfWidth(std::move(shares)) {
  int at = add({Kind::Input, {}, pick(1, 3), 8});
  int width = pick(branches, 3 * branches + 2);
  at = conv(at, width, spread(width, 1));
  for (int steps = pick(3, 7); steps > 0; --steps)
    at = grow(at);
  classify(at);
}

bool RandomNetwork::isKept(int join) const {
  return join > 0 &&
         (join <= kept.first || (kept.every && join % kept.every == 0));
}

/// Who is dealt each channel: the first of each branch, the second of each, and
/// so on, to branch 0 until it has as many as it holds, then to branch 1.
/// Empty when some branch would get nothing of another.
std::vector<int> RandomNetwork::dealt(const std::vector<int> &label) const {
  std::vector<std::vector<int>> channels(numBranches);
  for (int channel = 0; channel < int(label.size()); ++channel)
    channels[label[channel]].push_back(channel);
  std::vector<int> order;
  for (size_t i = 0; i < label.size(); ++i)
    for (const std::vector<int> &own : channels)
      if (i < own.size())
        order.push_back(own[i]);
  std::vector<int> result(label.size());
  size_t at = 0;
  std::set<std::pair<int, int>> pairs;
  for (int reader = 0; reader < numBranches; ++reader)
    for (size_t i = 0; i < channels[reader].size(); ++i) {
      pairs.insert({label[order[at]], reader});
      result[order[at++]] = reader;
    }
  if (int(pairs.size()) < numBranches * numBranches)
    result.clear();
  return result;
}

/// The branch that reads each channel before a layer; empty: all do.
std::vector<int> RandomNetwork::readersOf(const Node &node) const {
  const Node &before = nodes[node.inputs[0]];
  if (before.label.empty() || node.groups > 1 || !isKept(before.depth))
    return before.label;
  return kept.shuffle ? dealt(before.label) : std::vector<int>();
}

/// Whether the connection from channel `input` (of its group) to `output` is
/// one that the branch of `output` has.
bool RandomNetwork::keeps(const Node &node, const std::vector<int> &readers,
                          int output, int input) const {
  const Node &before = nodes[node.inputs[0]];
  int group = output / (node.channels / node.groups);
  int channel = group * (before.channels / node.groups) + input;
  return node.label.empty() || readers.empty() ||
         node.label[output] == readers[channel];
}

std::vector<float> RandomNetwork::maskedWeight(const Node &node) const {
  std::vector<float> weight = node.weight;
  std::vector<int> readers = readersOf(node);
  int area = node.kernel * node.kernel;
  int inputs = int(weight.size()) / node.channels / area;
  for (int output = 0; output < node.channels; ++output)
    for (int input = 0; input < inputs; ++input)
      if (!keeps(node, readers, output, input))
        std::fill_n(weight.begin() + (output * inputs + input) * area, area,
                    0.0f);
  return weight;
}

int64_t RandomNetwork::keptParameters() const {
  int64_t count = 0;
  for (const Node &node : nodes) {
    if (node.kind == Kind::BatchNorm)
      count += 4 * node.channels;
    if (node.kind != Kind::Conv && node.kind != Kind::Dense)
      continue;
    int area = node.kernel * node.kernel;
    int inputs = int(node.weight.size()) / node.channels / area;
    std::vector<int> readers = readersOf(node);
    for (int output = 0; output < node.channels; ++output)
      for (int input = 0; input < inputs; ++input)
        count += keeps(node, readers, output, input) ? area : 0;
    count += int64_t(node.bias.size());
  }
  return count;
}

void RandomNetwork::changeWeight(int branch) {
  std::vector<float *> candidates;
  for (Node &node : nodes) {
    if (node.kind != Kind::Conv && node.kind != Kind::Dense)
      continue;
    int area = node.kernel * node.kernel;
    int inputs = int(node.weight.size()) / node.channels / area;
    if (node.label.empty())
      continue;
    std::vector<int> readers = readersOf(node);
    for (int output = 0; output < node.channels; ++output)
      for (int input = 0; input < inputs; ++input)
        if (node.label[output] == branch && keeps(node, readers, output, input))
          candidates.push_back(&node.weight[(output * inputs + input) * area]);
  }
  *candidates[engine() % candidates.size()] += 1;
}

std::vector<size_t> RandomNetwork::partSizes() const {
  std::vector<size_t> sizes;
  for (const Node &node : nodes)
    for (int branch = 0; branch < numBranches; ++branch)
      sizes.push_back(
          size_t(std::count(node.label.begin(), node.label.end(), branch)));
  return sizes;
}
