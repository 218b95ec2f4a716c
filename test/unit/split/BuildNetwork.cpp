//===- BuildNetwork.cpp - A random network in the lcp dialect -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomNetwork.h"

using namespace lcp::test;
using namespace mlir;
using namespace mlir::lcp;

namespace {
class NetworkBuilder {
public:
  NetworkBuilder(MLIRContext &context) : builder(&context) {}

  OpBuilder builder;
  std::vector<Value> values;

  /// Named by the node's number.
  Location loc() {
    return NameLoc::get(builder.getStringAttr(std::to_string(values.size())));
  }
  RankedTensorType type(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  }
  Value constant(ArrayRef<int64_t> shape, const std::vector<float> &data) {
    return createConstant<float>(builder, loc(), type(shape), "c", data);
  }
  Value layer(const Node &node, const std::vector<float> &weight);
  Value normalise(const Node &node);
  Value pool(const Node &node);
  Value lrn(const Node &node, int branches);
  Value channels(Value value, const std::vector<int> &list);
};
} // namespace

Value NetworkBuilder::layer(const Node &node,
                            const std::vector<float> &weight) {
  Value input = values[node.inputs[0]];
  Value bias =
      node.bias.empty() ? Value() : constant({node.channels}, node.bias);
  int64_t inputs =
      int64_t(weight.size()) / node.channels / (node.kernel * node.kernel);
  if (node.kind == Kind::Dense)
    return builder.create<DenseOp>(
        loc(), input, constant({node.channels, inputs}, weight), bias);
  int64_t ones[] = {1, 1}, pads[] = {node.pad, node.pad, node.pad, node.pad};
  return builder.create<Conv2DOp>(
      loc(), input,
      constant({node.channels, inputs, node.kernel, node.kernel}, weight), bias,
      ArrayRef<int64_t>(ones), ArrayRef<int64_t>(pads), ArrayRef<int64_t>(ones),
      node.groups);
}

Value NetworkBuilder::normalise(const Node &node) {
  std::vector<float> variance(node.channels, 0.5f);
  Value scale = constant({node.channels}, node.weight);
  Value bias = constant({node.channels}, node.bias);
  Value mean = constant({node.channels}, node.bias);
  return builder.create<BatchNormOp>(loc(), values[node.inputs[0]], scale, bias,
                                     mean, constant({node.channels}, variance),
                                     APFloat(1e-5f));
}

Value NetworkBuilder::pool(const Node &node) {
  Value input = values[node.inputs[0]];
  if (node.kind == Kind::GlobalPool)
    return builder.create<GlobalAvgPoolOp>(loc(), input);
  int64_t window[] = {2, 2}, zeros[] = {0, 0, 0, 0}, ones[] = {1, 1};
  ArrayRef<int64_t> two(window), zero(zeros), one(ones);
  if (node.kind == Kind::MaxPool)
    return builder.create<MaxPool2DOp>(loc(), input, two, two, zero, one);
  return builder.create<AvgPool2DOp>(loc(), input, two, two, zero, one,
                                     /*count_include_pad=*/false);
}

/// The channels in `list`, in that order.
Value NetworkBuilder::channels(Value value, const std::vector<int> &list) {
  SmallVector<Value> pieces;
  for (int channel : list)
    pieces.push_back(
        builder.create<SliceOp>(loc(), value, 1, channel, channel + 1));
  return builder.create<ConcatOp>(loc(), pieces, 1);
}

/// Over all channels, or, given branches, over those of each alone.
Value NetworkBuilder::lrn(const Node &node, int branches) {
  APFloat alpha(0.5f), beta(0.75f), k(1.0f);
  auto apply = [&](Value value) -> Value {
    return builder.create<LRNOp>(loc(), value.getType(), value, 3, alpha, beta,
                                 k);
  };
  Value input = values[node.inputs[0]];
  if (branches == 0 || node.label.empty())
    return apply(input);
  SmallVector<Value> parts;
  std::vector<int> place(node.channels);
  int position = 0;
  for (int branch = 0; branch < branches; ++branch) {
    std::vector<int> own;
    for (int channel = 0; channel < node.channels; ++channel)
      if (node.label[channel] == branch) {
        own.push_back(channel);
        place[channel] = position++;
      }
    parts.push_back(apply(channels(input, own)));
  }
  return channels(builder.create<ConcatOp>(loc(), parts, 1), place);
}

OwningOpRef<ModuleOp> RandomNetwork::build(MLIRContext &context,
                                           bool masked) const {
  NetworkBuilder build(context);
  OpBuilder &builder = build.builder;
  OwningOpRef<ModuleOp> module = ModuleOp::create(build.loc());
  builder.setInsertionPointToStart(module->getBody());
  const Node &first = nodes.front(), &last = nodes.back();
  auto func = builder.create<func::FuncOp>(
      build.loc(), "main",
      builder.getFunctionType(
          build.type({1, first.channels, first.size, first.size}),
          build.type({1, last.channels})));
  builder.setInsertionPointToStart(func.addEntryBlock());
  for (const Node &node : nodes) {
    Value input = node.inputs.empty() ? func.getArgument(0)
                                      : build.values[node.inputs[0]];
    Value result = input;
    SmallVector<Value> inputs;
    for (int index : node.inputs)
      inputs.push_back(build.values[index]);
    int64_t border[] = {0, 0, 1, 1};
    switch (node.kind) {
    case Kind::Input:
      break;
    case Kind::Conv:
    case Kind::Dense:
      result = build.layer(node, masked ? maskedWeight(node) : node.weight);
      break;
    case Kind::Relu:
      result = builder.create<ReluOp>(build.loc(), input.getType(), input);
      break;
    case Kind::BatchNorm:
      result = build.normalise(node);
      break;
    case Kind::MaxPool:
    case Kind::AvgPool:
    case Kind::GlobalPool:
      result = build.pool(node);
      break;
    case Kind::Pad:
      result =
          builder.create<PadOp>(build.loc(), input, ArrayRef<int64_t>(border),
                                ArrayRef<int64_t>(border), APFloat(0.0f));
      break;
    case Kind::Lrn:
      // Before a join that is kept whole it sees all channels.
      result = build.lrn(node, masked && (kept.shuffle || !isKept(node.depth))
                                   ? numBranches
                                   : 0);
      break;
    case Kind::Add:
      result = builder.create<AddOp>(build.loc(), inputs[0], inputs[1]);
      break;
    case Kind::Mul:
      result = builder.create<MulOp>(build.loc(), inputs[0], inputs[1]);
      break;
    case Kind::Concat:
      result = builder.create<ConcatOp>(build.loc(), inputs, 1);
      break;
    case Kind::Flatten:
      result = builder.create<FlattenOp>(build.loc(), input, 1);
      break;
    }
    build.values.push_back(result);
  }
  builder.create<func::ReturnOp>(build.loc(), build.values.back());
  return module;
}

/// The part of a concatenation in which each channel is.
static std::vector<int> partOfChannel(MergeOp merge) {
  std::vector<int> partAt;
  for (auto [part, input] : llvm::enumerate(merge.getInputs()))
    partAt.insert(partAt.end(),
                  cast<RankedTensorType>(input.getType()).getDimSize(1),
                  int(part));
  std::vector<int> label = partAt;
  if (merge.getOrder())
    for (auto [channel, position] : llvm::enumerate(*merge.getOrder()))
      label[channel] = partAt[position];
  return label;
}

/// Whether a node's label is its own choice.
static bool isLayer(const Node &node) {
  return node.kind == Kind::Dense ||
         (node.kind == Kind::Conv && node.groups == 1);
}

/// Gives a node's inputs the labels that they must have for it to have its own;
/// returns those inputs.
std::vector<int> RandomNetwork::labelFromReader(int reader) {
  const Node &node = nodes[reader];
  if (node.label.empty() || isLayer(node) || node.kind == Kind::Lrn)
    return {};
  size_t begin = 0;
  for (int index : node.inputs) {
    Node &input = nodes[index];
    // A flatten makes a run of each channel, a grouped convolution several
    // channels of a group.
    size_t channels = size_t(input.channels);
    size_t all = node.kind == Kind::Concat ? channels : node.label.size();
    std::vector<int> label;
    for (size_t channel = 0; channel < channels; ++channel)
      label.push_back(node.label[begin + channel * all / channels]);
    if (node.kind == Kind::Concat)
      begin += channels;
    if (!input.label.empty())
      input.label = std::move(label);
  }
  return node.inputs;
}

/// The label that a node outside the branches, such as an lrn, has from its
/// inputs.
void RandomNetwork::labelFromInputs(Node &node) {
  std::vector<int> label;
  for (int index : node.inputs)
    label.insert(label.end(), nodes[index].label.begin(),
                 nodes[index].label.end());
  size_t run = node.kind == Kind::Add || node.kind == Kind::Mul
                   ? 0
                   : node.label.size() / label.size();
  // A flatten makes a run of each channel; both sides of an add have the same.
  for (size_t i = 0; i < node.label.size(); ++i)
    node.label[i] = label[run ? i / run : i];
}

void RandomNetwork::relabel(ModuleOp widths) {
  std::vector<bool> known(nodes.size());
  widths.walk([&](MergeOp merge) {
    auto name = merge.getLoc()->findInstanceOf<NameLoc>();
    int index = std::stoi(name.getName().str());
    nodes[index].label = partOfChannel(merge);
    known[index] = true;
  });
  for (int index = int(nodes.size()) - 1; index >= 0; --index)
    if (known[index])
      for (int input : labelFromReader(index))
        known[input] = true;
  for (auto [node, has] : llvm::zip(nodes, known))
    if (!has && !node.label.empty() && !isLayer(node))
      labelFromInputs(node);
}
