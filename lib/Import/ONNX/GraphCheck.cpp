//===- GraphCheck.cpp - Names and order of an ONNX graph ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReaderImpl.h"

#include <algorithm>
#include <queue>
#include <unordered_map>

namespace lcp::onnx {

namespace {

/// Value names, and the node that defines each.
class GraphCheck {
public:
  GraphCheck(Model &model, Problems &problems)
      : model(model), problems(problems) {}

  void run() {
    define();
    use();
    if (!problems.any())
      order();
  }

private:
  static constexpr size_t noNode = SIZE_MAX;

  void define();
  void defineOne(const std::string &name, size_t node, const char *what);
  void use();
  void order();

  Model &model;
  Problems &problems;
  std::unordered_map<std::string_view, size_t> definer;
};

void GraphCheck::defineOne(const std::string &name, size_t node,
                           const char *what) {
  if (name.empty())
    problems.add(std::string("a ") + what + " has no name");
  else if (!definer.emplace(name, node).second)
    problems.add("'" + printable(name) + "' is defined twice (again as " +
                 what + ")");
}

void GraphCheck::define() {
  for (const Tensor &tensor : model.initializers)
    defineOne(tensor.name, noNode, "an initialiser");
  // An initialiser may also be listed as an input, of which it is the default
  // value; it is a constant here.
  auto isConstant = [&](const ValueInfo &info) {
    return definer.count(info.name) != 0;
  };
  model.inputs.erase(
      std::remove_if(model.inputs.begin(), model.inputs.end(), isConstant),
      model.inputs.end());
  for (const ValueInfo &info : model.inputs)
    defineOne(info.name, noNode, "a graph input");
  for (size_t n = 0; n < model.nodes.size(); ++n)
    for (const std::string &name : model.nodes[n].outputs)
      if (!name.empty())
        defineOne(name, n, "a node's output");
}

void GraphCheck::use() {
  for (const Node &node : model.nodes)
    for (const std::string &name : node.inputs)
      if (!name.empty() && !definer.count(name))
        problems.add(printable(node.opType) + " node '" + node.label() +
                     "' reads '" + printable(name) +
                     "', which nothing defines");
  for (const ValueInfo &info : model.outputs)
    if (!definer.count(info.name))
      problems.add("graph output '" + printable(info.name) +
                   "' is defined by nothing");
  if (model.outputs.empty())
    problems.add("the graph has no output");
}

/// Orders the nodes so that definitions come first, otherwise as they are in
/// the file (Kahn's algorithm, smallest index first).
void GraphCheck::order() {
  size_t count = model.nodes.size();
  std::vector<std::vector<size_t>> users(count);
  std::vector<size_t> waitingFor(count, 0);
  for (size_t n = 0; n < count; ++n)
    for (const std::string &name : model.nodes[n].inputs) {
      size_t from = name.empty() ? noNode : definer.at(name);
      if (from == noNode)
        continue;
      users[from].push_back(n);
      ++waitingFor[n];
    }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<size_t>> ready;
  for (size_t n = 0; n < count; ++n)
    if (waitingFor[n] == 0)
      ready.push(n);
  std::vector<size_t> sequence;
  while (!ready.empty()) {
    size_t n = ready.top();
    ready.pop();
    sequence.push_back(n);
    for (size_t user : users[n])
      if (--waitingFor[user] == 0)
        ready.push(user);
  }
  if (sequence.size() != count) {
    size_t first = 0;
    while (waitingFor[first] == 0)
      ++first;
    problems.add("node '" + model.nodes[first].label() +
                 "' is part of a cycle, or reads from one");
    return;
  }
  if (std::is_sorted(sequence.begin(), sequence.end()))
    return;
  std::vector<Node> sorted;
  for (size_t n : sequence)
    sorted.push_back(std::move(model.nodes[n]));
  model.nodes = std::move(sorted);
}

} // namespace

void checkAndOrder(Model &model, Problems &problems) {
  GraphCheck(model, problems).run();
}

} // namespace lcp::onnx
