//===- RandomNetwork.h - Small random networks, who owns what ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network as a plain list of nodes, each channel labelled with its branch
// when it is made. It shares no code with the splitter: the labels follow from
// the widths and the topology alone.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_SPLIT_RANDOMNETWORK_H
#define LCP_TEST_UNIT_SPLIT_RANDOMNETWORK_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>
#include <vector>

namespace lcp::test {

enum class Kind {
  Input,
  Conv,
  Dense,
  Relu,
  BatchNorm,
  MaxPool,
  AvgPool,
  GlobalPool,
  Pad,
  Lrn,
  Add,
  Mul,
  Concat,
  Flatten
};

struct Node {
  Kind kind;
  std::vector<int> inputs;
  int channels;
  /// Height and width; 0 for an NxC tensor.
  int size;
  /// Of a convolution; `pad` on each side.
  int kernel = 1, pad = 0, groups = 1;
  /// Output by input channels of a group (by kernel squared), and one for each
  /// output channel.
  std::vector<float> weight, bias;
  /// The branch of each channel; empty where all branches see everything.
  std::vector<int> label;
  /// Layers on the longest way from the input, this one included.
  int depth = 0;
};

/// Which joins a split keeps; docs/rationale/joins.md.
struct KeptJoins {
  int every = 0, first = 0;
  bool shuffle = false;
};

class RandomNetwork {
public:
  /// With `shares`, branches get as much of each width as those say.
  RandomNetwork(unsigned seed, int branches, std::vector<int64_t> shares = {});

  /// From now on the masked network has these joins.
  void keepJoins(KeptJoins joins) { kept = joins; }
  /// As the plain network, or with the weights that connect branches set to
  /// zero and the mixers without weights applied to each branch alone, but at
  /// joins that are kept.
  mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext &context,
                                          bool masked) const;
  /// Weights and biases that are left when those connections are gone, of all
  /// layers and normalisations.
  int64_t keptParameters() const;
  /// Adds one to a weight of an output channel of `branch`, not in the first
  /// layer or the classifier, between channels of that branch.
  void changeWeight(int branch);

  /// Branches as a division in the widths form has them, which names the value
  /// of node 7 "7". Nodes whose value it does not merge follow their readers.
  void relabel(mlir::ModuleOp widths);
  /// How many channels each branch has, node by node.
  std::vector<size_t> partSizes() const;

  std::vector<float> randomInput();
  int branches() const { return numBranches; }
  const std::vector<int64_t> &shares() const { return sharesOfWidth; }
  /// Whether all arithmetic is on integers that doubles hold exactly.
  bool isExact() const { return exact; }
  const Node &input() const { return nodes.front(); }

private:
  int add(Node node);
  int pick(int low, int high);
  std::vector<float> randomWeights(size_t count);
  std::vector<int> unitsOf(int units) const;
  std::vector<int> spread(int width, int quantum) const;
  int conv(int from, int width, std::vector<int> label, int kernel = 0);
  int grow(int from);
  int growStructure(int from);
  int grouped(int from);
  int gate(int from);
  int classify(int from);
  bool isKept(int join) const;
  std::vector<int> dealt(const std::vector<int> &label) const;
  std::vector<int> readersOf(const Node &node) const;
  bool keeps(const Node &node, const std::vector<int> &readers, int output,
             int input) const;
  std::vector<int> labelFromReader(int reader);
  void labelFromInputs(Node &node);
  std::vector<float> maskedWeight(const Node &node) const;

  std::mt19937 engine;
  int numBranches;
  std::vector<int64_t> sharesOfWidth;
  KeptJoins kept;
  bool exact = true;
  std::vector<Node> nodes;
};

} // namespace lcp::test

#endif // LCP_TEST_UNIT_SPLIT_RANDOMNETWORK_H
