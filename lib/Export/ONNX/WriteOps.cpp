//===- WriteOps.cpp - Each op as an ONNX node -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lcp;
using ::onnx::AttributeProto;
using ::onnx::NodeProto;

static AttributeProto *setAttribute(NodeProto *node, const char *name,
                                    AttributeProto::AttributeType type) {
  AttributeProto *attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return attribute;
}

static void set(NodeProto *node, const char *name, int64_t value) {
  setAttribute(node, name, AttributeProto::INT)->set_i(value);
}

static void set(NodeProto *node, const char *name, const APFloat &value) {
  setAttribute(node, name, AttributeProto::FLOAT)
      ->set_f(value.convertToFloat());
}

static void set(NodeProto *node, const char *name, ArrayRef<int64_t> values) {
  AttributeProto *attribute = setAttribute(node, name, AttributeProto::INTS);
  for (int64_t value : values)
    attribute->add_ints(value);
}

static void setWindow(NodeProto *node, WindowOpInterface op) {
  set(node, "kernel_shape", op.getKernel());
  set(node, "strides", op.getStrides());
  set(node, "pads", op.getPads());
}

LogicalResult GraphWriter::writeOp(Operation *op) {
  if (auto parallel = dyn_cast<ParallelOp>(op))
    return writeParallel(parallel);
  if (auto merge = dyn_cast<MergeOp>(op))
    return writeMerge(merge);
  auto isFloat = [](Type type) {
    return cast<RankedTensorType>(type).getElementType().isF32();
  };
  if (isa<QuantizeOp, DequantizeOp, RequantizeOp>(op) ||
      !llvm::all_of(op->getOperandTypes(), isFloat))
    return op->emitError("an integer model has no ONNX form here; export it "
                         "before it is quantised");
  if (isa<Conv2DOp, DenseOp, BatchNormOp>(op))
    return writeLayer(op);
  if (auto same = dyn_cast<ONNXOpInterface>(op))
    return writeByName(same);
  if (auto shuffle = dyn_cast<ChannelShuffleOp>(op))
    return writeChannelShuffle(shuffle);
  if (isa<ConcatOp, SliceOp, FlattenOp, ReshapeOp, TransposeOp, PadOp>(op))
    return writeShape(op);
  return writeOther(op);
}

/// Of its window and, but for that, of the numbers among its attributes.
LogicalResult GraphWriter::writeByName(ONNXOpInterface op) {
  NodeProto *node = addNode(op, op.getONNXType());
  if (auto window = dyn_cast<WindowOpInterface>(op.getOperation())) {
    setWindow(node, window);
    // Not every pool of ONNX has them.
    if (llvm::any_of(window.getDilations(), [](int64_t d) { return d != 1; }))
      set(node, "dilations", window.getDilations());
  }
  for (NamedAttribute attribute : op->getAttrs()) {
    std::string name = attribute.getName().str();
    if (op->getInherentAttr(name))
      llvm::TypeSwitch<Attribute>(attribute.getValue())
          .Case([&](FloatAttr value) {
            set(node, name.c_str(), value.getValue());
          })
          .Case([&](IntegerAttr value) {
            set(node, name.c_str(), value.getInt());
          });
  }
  return success();
}

LogicalResult GraphWriter::writeLayer(Operation *op) {
  if (auto conv = dyn_cast<Conv2DOp>(op)) {
    NodeProto *node = addNode(op, "Conv");
    setWindow(node, conv);
    set(node, "dilations", conv.getDilations());
    set(node, "group", conv.getGroups());
    return success();
  }
  if (isa<DenseOp>(op)) {
    set(addNode(op, "Gemm"), "transB", 1);
    return success();
  }
  auto norm = cast<BatchNormOp>(op);
  if (norm.getAxis() != 1)
    return op->emitError("ONNX normalises along axis 1 only");
  set(addNode(op, "BatchNormalization"), "epsilon", norm.getEpsilon());
  return success();
}

/// Ops whose attributes ONNX has under other names or as inputs.
LogicalResult GraphWriter::writeOther(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](ClipOp clip) {
        NodeProto *node = addNode(op, "Clip");
        float min = clip.getMin().convertToFloat();
        float max = clip.getMax().convertToFloat();
        // An absent bound is empty, and left out at the end.
        if (!std::isinf(min) || !std::isinf(max))
          node->add_input(std::isinf(min)
                              ? std::string()
                              : addFloat(node->name() + ".min", min));
        if (!std::isinf(max))
          node->add_input(addFloat(node->name() + ".max", max));
        return success();
      })
      .Case([&](DropoutOp dropout) {
        NodeProto *node = addNode(op, "Dropout");
        node->add_input(addFloat(node->name() + ".ratio",
                                 dropout.getRatio().convertToFloat()));
        return success();
      })
      .Case([&](AvgPool2DOp pool) {
        if (llvm::any_of(pool.getDilations(), [](int64_t d) { return d != 1; }))
          return LogicalResult(
              op->emitError("ONNX's opset 17 has no dilated average pool"));
        NodeProto *node = addNode(op, "AveragePool");
        setWindow(node, pool);
        set(node, "count_include_pad", pool.getCountIncludePad());
        return success();
      })
      .Case([&](SoftmaxOp softmax) {
        set(addNode(op, "Softmax"), "axis", softmax.getAxis());
        return success();
      })
      .Case([&](LRNOp lrn) {
        NodeProto *node = addNode(op, "LRN");
        set(node, "size", lrn.getSize());
        set(node, "alpha", lrn.getAlpha());
        set(node, "beta", lrn.getBeta());
        set(node, "bias", lrn.getK());
        return success();
      })
      .Default([&](Operation *) {
        return LogicalResult(op->emitError("has no ONNX form"));
      });
}

LogicalResult GraphWriter::writeShape(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ConcatOp concat) {
        set(addNode(op, "Concat"), "axis", concat.getAxis());
      })
      .Case([&](SliceOp slice) {
        NodeProto *node = addNode(op, "Slice");
        std::string name = node->name();
        node->add_input(addInts(name + ".starts", int64_t(slice.getBegin())));
        node->add_input(addInts(name + ".ends", int64_t(slice.getEnd())));
        node->add_input(addInts(name + ".axes", int64_t(slice.getAxis())));
      })
      .Case([&](FlattenOp flatten) {
        set(addNode(op, "Flatten"), "axis", flatten.getAxis());
      })
      .Case([&](ReshapeOp reshape) {
        NodeProto *node = addNode(op, "Reshape");
        auto type = cast<RankedTensorType>(reshape.getResult().getType());
        node->add_input(addInts(node->name() + ".shape", type.getShape()));
      })
      .Case([&](TransposeOp transpose) {
        set(addNode(op, "Transpose"), "perm", transpose.getPermutation());
      })
      .Case([&](PadOp pad) {
        NodeProto *node = addNode(op, "Pad");
        SmallVector<int64_t> pads(pad.getLow());
        llvm::append_range(pads, pad.getHigh());
        node->add_input(addInts(node->name() + ".pads", pads));
        node->add_input(
            addFloat(node->name() + ".value", pad.getValue().convertToFloat()));
      });
  return success();
}

/// Reshape, Transpose, Reshape: ONNX has no op for it.
LogicalResult GraphWriter::writeChannelShuffle(ChannelShuffleOp op) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  int64_t groups = op.getGroups();
  SmallVector<int64_t> divided(type.getShape());
  divided[1] /= groups;
  divided.insert(divided.begin() + 1, groups);
  SmallVector<int64_t> order(divided.size());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[1], order[2]);

  NodeProto *divide = addNode(op, "Reshape");
  std::string name = divide->name(), result = divide->output(0);
  StringRef base = StringRef(name).substr(prefix.size());
  divide->add_input(addInts((base + ".divided").str(), divided));
  std::string parts = unique((base + ".parts").str());
  divide->set_output(0, parts);
  std::string swapped = unique((base + ".swapped").str());
  NodeProto *transpose = addNode(
      "Transpose", unique((base + ".transpose").str(), takenNodes), {parts});
  transpose->add_output(swapped);
  set(transpose, "perm", order);
  std::string whole = addInts((base + ".whole").str(), type.getShape());
  addNode("Reshape", unique((base + ".join").str(), takenNodes),
          {swapped, whole})
      ->add_output(result);
  return success();
}
