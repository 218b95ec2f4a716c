//===- NodeImporter.cpp - Converting one ONNX node ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include <cstring>

using namespace mlir;
using namespace mlir::lcp;

bool mlir::lcp::isTooLarge(ArrayRef<int64_t> shape) {
  // Sizes multiply quickly in a hostile graph (x = concat(x, x), and again).
  constexpr int64_t maxElements = int64_t(1) << 40;
  int64_t elements = 1;
  for (int64_t dim : shape)
    if (__builtin_mul_overflow(elements, dim, &elements) ||
        elements > maxElements)
      return true;
  return false;
}

static Location locationOf(const reader::Node &node, MLIRContext *context) {
  return NameLoc::get(StringAttr::get(context, node.label()));
}

NodeImporter::NodeImporter(const reader::Node &node, int64_t opset,
                           OpBuilder &builder, ImportedValues &values,
                           reader::ConstantBudget &budget)
    : source(node), version(opset), b(builder), values(values),
      constantBudget(budget), location(locationOf(node, builder.getContext())),
      attributeReader(node) {}

LogicalResult NodeImporter::fail(const Twine &reason) {
  if (why.empty())
    why = reason.str();
  return failure();
}

bool NodeImporter::has(size_t index) const {
  return index < source.inputs.size() && !source.inputs[index].empty();
}

bool NodeImporter::isUsed(size_t index) const {
  return index < source.outputs.size() && !source.outputs[index].empty() &&
         useCounts->lookup(source.outputs[index]) != 0;
}

const reader::Tensor *NodeImporter::constant(size_t index) {
  if (!has(index))
    return nullptr;
  return values[source.inputs[index]].constant.get();
}

Value NodeImporter::tensor(size_t index) {
  if (!has(index)) {
    (void)fail("input " + Twine(index) + " is missing");
    return {};
  }
  ImportedValue &input = values[source.inputs[index]];
  if (!input.value)
    input.value = materialize(*input.constant, source.inputs[index]);
  return input.value;
}

const reader::Tensor *NodeImporter::floatConstant(size_t index,
                                                  StringRef role) {
  const reader::Tensor *tensor = constant(index);
  if (!tensor)
    (void)fail("its " + role +
               (has(index) ? " is not a constant" : " is missing"));
  else if (tensor->type != reader::ElementType::Float) {
    (void)fail("its " + role + " is " + reader::elementTypeName(tensor->type) +
               "; only float is supported");
    return nullptr;
  }
  return tensor;
}

FailureOr<float> NodeImporter::floatScalar(size_t index, float otherwise,
                                           StringRef role) {
  if (!has(index))
    return otherwise;
  const reader::Tensor *tensor = floatConstant(index, role);
  if (!tensor)
    return failure();
  if (tensor->numElements() != 1)
    return fail("its " + role + " is not one number");
  float value;
  std::memcpy(&value, tensor->data.get(), sizeof(value));
  return value;
}

FailureOr<std::optional<std::vector<int64_t>>>
NodeImporter::integers(StringRef attribute, size_t index, int64_t sinceInput) {
  using List = std::optional<std::vector<int64_t>>;
  if (version < sinceInput)
    return List(attributeReader.getInts(attribute));
  if (!has(index))
    return List();
  const reader::Tensor *tensor = constant(index);
  List list = tensor ? reader::toIntegerList(*tensor) : List();
  if (!list)
    return fail("'" + attribute + "' is not a constant list of integers");
  return list;
}

std::vector<int64_t> NodeImporter::dims(size_t index) {
  if (!has(index))
    return {};
  const ImportedValue &input = values[source.inputs[index]];
  if (input.constant)
    return input.constant->dims;
  return shapeOf(input.value).vec();
}

Value NodeImporter::materialize(const reader::Tensor &tensor, StringRef name) {
  if (tensor.type != reader::ElementType::Float || tensor.byteSize == 0) {
    (void)fail("constant '" + reader::printable(name) + "' is " +
               (tensor.byteSize == 0
                    ? std::string("empty")
                    : reader::elementTypeName(tensor.type) +
                          std::string("; only float is supported")));
    return {};
  }
  auto type = RankedTensorType::get(tensor.dims, b.getF32Type());
  // The blob shares the reader's bytes: the deleter drops the reference.
  AsmResourceBlob blob(
      ArrayRef<char>(tensor.data.get(), tensor.byteSize),
      reader::tensorAlignment, [data = tensor.data](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  auto loc = NameLoc::get(b.getStringAttr(reader::printable(name)));
  return createConstant(b, loc, type, name, std::move(blob));
}

Value NodeImporter::makeConstant(ArrayRef<int64_t> dims, ArrayRef<float> data,
                                 StringRef name) {
  auto type = RankedTensorType::get(dims, b.getF32Type());
  auto loc = NameLoc::get(b.getStringAttr(reader::printable(name)));
  return createConstant<float>(b, loc, type, name, data);
}

bool NodeImporter::checkSize(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  bool empty = llvm::is_contained(shape, 0);
  if (!empty && !isTooLarge(shape) &&
      llvm::all_of(shape, [](int64_t dim) { return dim > 0; }))
    return true;
  (void)fail(empty ? "its result is empty" : "its result is too large");
  return false;
}

Value NodeImporter::build(OperationState &state) {
  Operation *op = b.create(state);
  if (succeeded(mlir::verify(op, /*verifyRecursively=*/false)))
    return op->getResult(0);
  op->erase();
  return {};
}

Value NodeImporter::reshape(Value value, ArrayRef<int64_t> dims) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == dims)
    return value;
  return emitTyped<ReshapeOp>(type.clone(dims), value);
}

LogicalResult NodeImporter::finish(Value value, size_t index) {
  if (!value)
    return failure();
  values[source.outputs[index]].value = value;
  return success();
}

void NodeImporter::finishConstant(reader::Tensor tensor) {
  values[source.outputs[0]].constant =
      std::make_shared<const reader::Tensor>(std::move(tensor));
}

LogicalResult NodeImporter::forward() {
  if (!has(0))
    return fail("input 0 is missing");
  ImportedValue input = values[source.inputs[0]];
  values[source.outputs[0]] = input;
  return success();
}
