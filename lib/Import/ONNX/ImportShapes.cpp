//===- ImportShapes.cpp - Operators that only move elements ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include <cstring>

using namespace mlir;
using namespace mlir::lcp;

static LogicalResult importConstant(NodeImporter &n) {
  auto floats = [&](std::vector<int64_t> dims, ArrayRef<float> values) {
    auto tensor = reader::makeTensor(reader::ElementType::Float,
                                     std::move(dims), n.budget());
    if (!tensor)
      return n.fail("it is too large");
    if (!values.empty())
      std::memcpy(tensor->data.get(), values.data(), tensor->byteSize);
    n.finishConstant(std::move(*tensor));
    return success();
  };
  auto &attributes = n.attributes();
  if (const reader::Tensor *tensor = attributes.getTensor("value")) {
    n.finishConstant(*tensor);
    return success();
  }
  if (attributes.has("value_float"))
    return floats({}, attributes.getFloat("value_float", 0));
  if (const auto *list = n.node().find("value_floats"))
    return floats({static_cast<int64_t>(list->floats.size())}, list->floats);
  if (attributes.has("value_int")) {
    n.finishConstant(
        reader::makeInt64Tensor({}, {attributes.getInt("value_int", 0)}));
    return success();
  }
  if (auto list = attributes.getInts("value_ints")) {
    n.finishConstant(
        reader::makeInt64Tensor({static_cast<int64_t>(list->size())}, *list));
    return success();
  }
  return n.fail("it holds neither numbers nor a tensor");
}

// The dimensions from `start` to `end` (opset 15) of any tensor.
static LogicalResult importShape(NodeImporter &n) {
  if (!n.has(0))
    return n.fail("input 0 is missing");
  std::vector<int64_t> dims = n.dims(0);
  int64_t rank = dims.size();
  auto bound = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = bound(n.attributes().getInt("start", 0));
  int64_t end = bound(n.attributes().getInt("end", rank));
  std::vector<int64_t> part;
  if (start < end)
    part.assign(dims.begin() + start, dims.begin() + end);
  n.finishConstant(
      reader::makeInt64Tensor({static_cast<int64_t>(part.size())}, part));
  return success();
}

static LogicalResult importConcat(NodeImporter &n) {
  SmallVector<Value> operands;
  for (size_t i = 0; i < n.numInputs(); ++i) {
    operands.push_back(n.tensor(i));
    if (!operands.back())
      return failure();
  }
  if (operands.empty())
    return n.fail("it has no input");
  int64_t given = n.attributes().getInt("axis", 1);
  auto axis = reader::normalizeAxis(given, shapeOf(operands[0]).size());
  if (!axis)
    return n.fail("axis " + Twine(given) + " is not a dimension");
  return n.finish(n.emit<ConcatOp>(operands, n.attr("axis", *axis)));
}

static LogicalResult importFlatten(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  int64_t rank = shapeOf(x).size(), axis = n.attributes().getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return n.fail("axis " + Twine(axis) + " is not a dimension");
  if (axis < 0)
    axis += rank;
  return n.finish(n.emit<FlattenOp>(x, n.attr("axis", axis)));
}

static LogicalResult importReshape(NodeImporter &n) {
  Value x = n.tensor(0);
  auto shape = n.integers("shape", 1, 5);
  if (!x || failed(shape))
    return failure();
  if (!*shape)
    return n.fail("its shape is missing");
  std::string reason;
  bool allowZero = n.attributes().getInt("allowzero", 0) != 0;
  auto dims = reader::reshapeDims(n.dims(0), **shape, allowZero, reason);
  return dims ? n.finish(n.reshape(x, *dims)) : n.fail(reason);
}

template <bool isSqueeze> static LogicalResult importSqueeze(NodeImporter &n) {
  Value x = n.tensor(0);
  auto axes = n.integers("axes", 1, 13);
  if (!x || failed(axes))
    return failure();
  if (!isSqueeze && !*axes)
    return n.fail("its axes are missing");
  std::string reason;
  auto dims = isSqueeze ? reader::squeezeDims(n.dims(0), *axes, reason)
                        : reader::unsqueezeDims(n.dims(0), **axes, reason);
  return dims ? n.finish(n.reshape(x, *dims)) : n.fail(reason);
}

static LogicalResult importTranspose(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  SmallVector<int64_t> permutation;
  if (auto given = n.attributes().getInts("perm"))
    permutation.assign(given->begin(), given->end());
  else
    for (int64_t d = shapeOf(x).size(); d-- > 0;)
      permutation.push_back(d);
  return n.finish(n.emit<TransposeOp>(x, n.attr("permutation", permutation)));
}

/// Counts before and after each dimension, from attribute or inputs.
static LogicalResult readPads(NodeImporter &n, size_t rank,
                              SmallVector<int64_t> &low,
                              SmallVector<int64_t> &high) {
  auto pads = n.integers("pads", 1, 11);
  if (failed(pads))
    return failure();
  std::vector<int64_t> axes;
  for (size_t d = 0; d < rank; ++d)
    axes.push_back(d);
  if (n.opset() >= 18 && n.has(3)) {
    auto given = n.integers("axes", 3, 18);
    if (failed(given))
      return failure();
    axes = **given;
  }
  if (!*pads || (*pads)->size() != 2 * axes.size())
    return n.fail("its pads are not two counts for each axis");
  low.assign(rank, 0);
  high.assign(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    auto axis = reader::normalizeAxis(axes[i], rank);
    int64_t before = (**pads)[i], after = (**pads)[i + axes.size()];
    if (!axis || before < 0 || after < 0)
      return n.fail(axis ? "negative pads are not supported"
                         : "its axes are not dimensions");
    low[*axis] = before;
    high[*axis] = after;
  }
  return success();
}

static LogicalResult importPad(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  std::string mode = n.attributes().getString("mode", "constant");
  if (mode != "constant")
    return n.fail("mode '" + Twine(reader::printable(mode)) +
                  "' is not supported");
  SmallVector<int64_t> low, high;
  if (failed(readPads(n, shapeOf(x).size(), low, high)))
    return failure();
  // PyTorch pads by nothing before each average pool.
  auto isZero = [](int64_t count) { return count == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return n.finish(x);
  float value = n.attributes().getFloat("value", 0);
  if (n.opset() >= 11) {
    FailureOr<float> input = n.floatScalar(2, 0, "value");
    if (failed(input))
      return failure();
    value = *input;
  }
  return n.finish(n.emit<PadOp>(
      x, {n.attr("low", low), n.attr("high", high), n.attr("value", value)}));
}

/// Positions [begin, end) of an axis, or the value itself where that is all.
static Value sliceAxis(NodeImporter &n, Value x, int64_t axis, int64_t begin,
                       int64_t end) {
  if (begin == 0 && end == shapeOf(x)[axis])
    return x;
  return n.emit<SliceOp>(
      x, {n.attr("axis", axis), n.attr("begin", begin), n.attr("end", end)});
}

static LogicalResult importSlice(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  std::vector<const reader::Tensor *> inputs;
  for (size_t i = 0; i < n.numInputs(); ++i) {
    inputs.push_back(n.constant(i));
    if (i > 0 && n.has(i) && !inputs[i])
      return n.fail("its starts, ends, axes and steps are not all constants");
  }
  std::string reason;
  auto ranges =
      reader::sliceRanges(n.node(), inputs, n.dims(0), n.opset(), reason);
  if (!ranges)
    return n.fail(reason);
  for (const reader::SliceRange &range : *ranges) {
    if (range.step != 1)
      return n.fail("steps other than 1 are not supported");
    x = sliceAxis(n, x, range.axis, range.begin, range.begin + range.count);
    if (!x)
      return failure();
  }
  return n.finish(x);
}

// Of a tensor only along one axis by a constant list: runs of neighbours become
// slices, which are joined.
static LogicalResult importGather(NodeImporter &n) {
  Value x = n.tensor(0);
  auto indices = n.integers("indices", 1, 1);
  if (!x || failed(indices))
    return failure();
  int64_t given = n.attributes().getInt("axis", 0);
  auto axis = reader::normalizeAxis(given, shapeOf(x).size());
  if (!axis || !*indices || n.dims(1).size() != 1 || (*indices)->empty())
    return n.fail(axis ? "its indices are not a list"
                       : "axis " + Twine(given) + " is not a dimension");
  for (int64_t &index : **indices) {
    auto inside = reader::normalizeAxis(index, shapeOf(x)[*axis]);
    if (!inside)
      return n.fail("index " + Twine(index) + " is out of range");
    index = *inside;
  }
  ArrayRef<int64_t> list(**indices);
  SmallVector<Value> parts;
  while (!list.empty()) {
    size_t run = 1;
    while (run < list.size() && list[run] == list[0] + int64_t(run))
      ++run;
    parts.push_back(sliceAxis(n, x, *axis, list[0], list[0] + int64_t(run)));
    if (!parts.back())
      return failure();
    list = list.drop_front(run);
  }
  if (parts.size() == 1)
    return n.finish(parts[0]);
  return n.finish(n.emit<ConcatOp>(parts, n.attr("axis", *axis)));
}

/// The sizes that Split asks for: given, or equal parts, the last smaller.
static FailureOr<std::vector<int64_t>> splitSizes(NodeImporter &n,
                                                  int64_t size) {
  auto given = n.integers("split", 1, 13);
  if (failed(given))
    return failure();
  std::vector<int64_t> sizes = given->value_or(std::vector<int64_t>());
  int64_t outputs = n.node().outputs.size();
  if (!*given)
    for (int64_t i = 0, each = (size + outputs - 1) / outputs; i < outputs; ++i)
      sizes.push_back(std::clamp<int64_t>(size - i * each, 0, each));
  int64_t total = 0;
  for (int64_t part : sizes)
    if (part < 1 || __builtin_add_overflow(total, part, &total))
      return n.fail("it splits off an empty part");
  if (total != size || static_cast<int64_t>(sizes.size()) != outputs)
    return n.fail("its parts do not add up to the dimension");
  return sizes;
}

static LogicalResult importSplit(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  int64_t given = n.attributes().getInt("axis", 0);
  auto axis = reader::normalizeAxis(given, shapeOf(x).size());
  if (!axis)
    return n.fail("axis " + Twine(given) + " is not a dimension");
  auto sizes = splitSizes(n, shapeOf(x)[*axis]);
  if (failed(sizes))
    return failure();
  int64_t begin = 0;
  for (size_t i = 0; i < sizes->size(); begin += (*sizes)[i++]) {
    if (n.node().outputs[i].empty())
      continue;
    if (failed(n.finish(sliceAxis(n, x, *axis, begin, begin + (*sizes)[i]), i)))
      return failure();
  }
  return success();
}

void mlir::lcp::addShapeHandlers(NodeHandlers &handlers) {
  handlers["Constant"] = importConstant;
  handlers["Shape"] = importShape;
  handlers["Concat"] = importConcat;
  handlers["Flatten"] = importFlatten;
  handlers["Reshape"] = importReshape;
  handlers["Squeeze"] = importSqueeze<true>;
  handlers["Unsqueeze"] = importSqueeze<false>;
  handlers["Transpose"] = importTranspose;
  handlers["Pad"] = importPad;
  handlers["Slice"] = importSlice;
  handlers["Gather"] = importGather;
  handlers["Split"] = importSplit;
}
