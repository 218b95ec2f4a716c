//===- GraphWriter.cpp - Names, nodes and initialisers of a graph ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"
#include "lcp/Dialect/LCP/IR/FirstDevice.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Import/ONNX/Role.h"

using namespace mlir;
using namespace mlir::lcp;

/// Where each external tensor begins: fit to be mapped and used in place.
static constexpr uint64_t kExternalAlignment = 64;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string GraphWriter::unique(StringRef base, Taken &taken) {
  if (auto role = parseONNXRole(base))
    base = role->name;
  std::string first = prefix + base.str(), name = first;
  unsigned &next = taken[first];
  while (next++ != 0) {
    name = first + "_" + std::to_string(next - 1);
    if (taken.try_emplace(name, 1).second)
      break;
  }
  return name;
}

std::string GraphWriter::nodeName(Operation *op) {
  return unique(getNodeName(op->getLoc(), op->getName().stripDialect()),
                takenNodes);
}

std::string GraphWriter::nameOf(Value value) {
  auto found = names.find(value);
  if (found != names.end())
    return found->second;
  std::string name = addConstant(cast<ConstantOp>(value.getDefiningOp()));
  return names[value] = name;
}

std::string GraphWriter::addConstant(ConstantOp op) {
  std::string name = unique(getNodeName(op.getLoc(), op.getKey()));
  ::onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  RankedTensorType type = op.getType();
  for (int64_t dim : type.getShape())
    tensor->add_dims(dim);
  if (externalFile.empty()) {
    SmallVector<float> storage;
    ArrayRef<float> values = op.getValues<float>(storage);
    tensor->set_raw_data(values.data(), values.size() * sizeof(float));
    return name;
  }
  auto entry = [&](StringRef key, const Twine &value) {
    auto *pair = tensor->add_external_data();
    pair->set_key(key.str());
    pair->set_value(value.str());
  };
  externalBytes = llvm::alignTo(externalBytes, kExternalAlignment);
  tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
  entry("location", externalFile);
  entry("offset", Twine(externalBytes));
  entry("length", Twine(getByteSize(type)));
  externals.push_back({op, externalBytes});
  externalBytes += getByteSize(type);
  return name;
}

//===----------------------------------------------------------------------===//
// Pieces of a graph
//===----------------------------------------------------------------------===//

void GraphWriter::addValueInfo(::onnx::ValueInfoProto *info, StringRef name,
                               Type type) {
  info->set_name(name.str());
  auto *tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(::onnx::TensorProto::FLOAT);
  for (int64_t dim : cast<RankedTensorType>(type).getShape())
    tensor->mutable_shape()->add_dim()->set_dim_value(dim);
}

::onnx::NodeProto *GraphWriter::addNode(StringRef type, StringRef name,
                                        ArrayRef<std::string> inputs) {
  ::onnx::NodeProto *node = graph.add_node();
  node->set_op_type(type.str());
  node->set_name(name.str());
  for (const std::string &input : inputs)
    node->add_input(input);
  return node;
}

::onnx::NodeProto *GraphWriter::addNode(Operation *op, StringRef type) {
  SmallVector<std::string> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(nameOf(operand));
  std::string name = nodeName(op);
  ::onnx::NodeProto *node = addNode(type, name, inputs);
  // A graph output has its name already; any other value is named after its
  // node.
  std::string &result = names[op->getResult(0)];
  if (result.empty())
    result = unique(name.substr(prefix.size()));
  node->add_output(result);
  return node;
}

std::string GraphWriter::addInts(StringRef name, ArrayRef<int64_t> values) {
  ::onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(unique(name));
  tensor->set_data_type(::onnx::TensorProto::INT64);
  tensor->add_dims(values.size());
  tensor->set_raw_data(values.data(), values.size() * sizeof(int64_t));
  return tensor->name();
}

std::string GraphWriter::addFloat(StringRef name, float value) {
  ::onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(unique(name));
  tensor->set_data_type(::onnx::TensorProto::FLOAT);
  tensor->set_raw_data(&value, sizeof(value));
  return tensor->name();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static std::string interfaceName(Attribute name, StringRef kind, size_t i) {
  if (auto text = dyn_cast_or_null<StringAttr>(name); text && !text.empty())
    return text.str();
  return (kind + Twine(i)).str();
}

void GraphWriter::addInputs(func::FuncOp main) {
  for (BlockArgument argument : main.getArguments()) {
    unsigned i = argument.getArgNumber();
    std::string name =
        unique(interfaceName(main.getArgAttr(i, kNameAttr), "input", i));
    names[argument] = name;
    addValueInfo(graph.add_input(), name, argument.getType());
  }
}

/// Gives graph outputs their names where an op of its own defines them; the
/// names of the others are kept free.
void GraphWriter::reserveOutputs(func::FuncOp main) {
  Operation *ret = main.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(ret->getOperands())) {
    std::string name =
        unique(interfaceName(main.getResultAttr(i, kNameAttr), "output", i));
    Operation *def = value.getDefiningOp();
    if (def && !isa<ConstantOp, ParallelOp>(def))
      names.try_emplace(value, name);
    addValueInfo(graph.add_output(), name, value.getType());
  }
}

void GraphWriter::addOutputs(func::FuncOp main) {
  Operation *ret = main.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(ret->getOperands())) {
    const std::string &name = graph.output(i).name();
    if (nameOf(value) != name)
      addNode("Identity", unique("output", takenNodes), nameOf(value))
          ->add_output(name);
  }
}

LogicalResult GraphWriter::write(func::FuncOp main) {
  for (auto &types : {main.getArgumentTypes(), main.getResultTypes()})
    for (Type type : types)
      if (!isa<RankedTensorType>(type) ||
          !cast<RankedTensorType>(type).getElementType().isF32())
        return main.emitError("inputs and outputs of an exported model are "
                              "float tensors, not ")
               << type;
  addInputs(main);
  reserveOutputs(main);
  if (failed(writeBlock(main.getBody().front())))
    return failure();
  addOutputs(main);
  return success();
}

LogicalResult GraphWriter::writeBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    // Constants are written where they are read.
    if (isa<ConstantOp>(op))
      continue;
    if (failed(writeOp(&op)))
      return failure();
  }
  return success();
}

/// Writes the branches one after the other; each result is known by the name of
/// the value that its branch yields.
LogicalResult GraphWriter::writeParallel(ParallelOp op) {
  unsigned stage = stages.size();
  stages[op] = stage;
  devices.push_back(getFirstDevice(op));
  for (unsigned branch = 0; branch < op.getNumBranches(); ++branch) {
    Block &block = op.getBranches()[branch].front();
    unsigned numShared = op.getShared().size();
    // Constants have a name for each branch, so that each trains its own.
    for (BlockArgument argument : block.getArguments()) {
      unsigned i = argument.getArgNumber();
      names[argument] =
          nameOf(i < numShared ? op.getShared()[i]
                               : op.getOwnOperand(i - numShared, branch));
    }
    prefix = makeONNXRole(stage, "b", branch);
    if (failed(writeBlock(block)))
      return failure();
    for (auto [group, value] :
         llvm::enumerate(op.getYield(branch).getOperands())) {
      std::string name = nameOf(value);
      // A branch that hands on what it got still needs a node to be found by.
      if (isa<BlockArgument>(value) || isa<ConstantOp>(value.getDefiningOp())) {
        std::string passed = unique("pass");
        addNode("Identity", unique("pass", takenNodes), name)
            ->add_output(passed);
        name = passed;
      }
      names[op.getBranchResult(group, branch)] = name;
    }
    prefix.clear();
  }
  return success();
}

/// Concat or Sum, and a Gather behind it where channels are reordered.
LogicalResult GraphWriter::writeMerge(MergeOp op) {
  auto producer = op.getInputs()[0].getDefiningOp<ParallelOp>();
  bool isSum = op.getKind() == MergeKind::Sum;
  prefix = makeONNXRole(stages.lookup(producer), isSum ? "sum" : "concat",
                        merges[producer]++);
  ::onnx::NodeProto *node = addNode(op, isSum ? "Sum" : "Concat");
  auto setAxis = [&](::onnx::NodeProto *of) {
    auto *attribute = of->add_attribute();
    attribute->set_name("axis");
    attribute->set_type(::onnx::AttributeProto::INT);
    attribute->set_i(op.getAxis());
  };
  if (!isSum)
    setAxis(node);
  if (auto order = op.getOrder()) {
    std::string joined = node->name(), result = node->output(0);
    std::string between = unique(joined + ".joined");
    node->set_output(0, between);
    std::string indices = addInts(joined + ".order", *order);
    node = addNode("Gather", unique(joined + ".ordered", takenNodes),
                   {between, indices});
    node->add_output(result);
    setAxis(node);
  }
  prefix.clear();
  return success();
}
