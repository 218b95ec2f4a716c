//===- NodeImporter.h - Converting one ONNX node ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_NODEIMPORTER_H
#define LCP_LIB_IMPORT_ONNX_NODEIMPORTER_H

#include "ConstantEval.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::lcp {

namespace reader = ::lcp::onnx;

/// What an ONNX value is: a constant of any type, which becomes an op when an
/// op needs it, a tensor of the dialect, or neither where its node failed.
struct ImportedValue {
  std::shared_ptr<const reader::Tensor> constant;
  Value value;
  bool failed() const { return !constant && !value; }
};

using ImportedValues = llvm::StringMap<ImportedValue>;

/// Converts one node: gives its handler typed operands and attributes, and
/// builds ops only after their shape inference and verifier agree. A handler
/// returns failure after `fail`, or when a method below returned null.
class NodeImporter {
public:
  NodeImporter(const reader::Node &node, int64_t opset, OpBuilder &builder,
               ImportedValues &values, reader::ConstantBudget &budget);

  const reader::Node &node() const { return source; }
  int64_t opset() const { return version; }
  reader::Attributes &attributes() { return attributeReader; }
  Location loc() const { return location; }
  OpBuilder &builder() { return b; }
  /// What all constants that the import makes draw on.
  reader::ConstantBudget &budget() { return constantBudget; }

  /// Records why the node cannot be converted.
  LogicalResult fail(const Twine &why);
  const std::string &reason() const { return why; }

  //===--- Operands -------------------------------------------------------===//

  size_t numInputs() const { return source.inputs.size(); }
  bool has(size_t index) const;
  /// The constant that input `index` is, or null.
  const reader::Tensor *constant(size_t index);
  /// Input `index` as a float tensor, or null and a reason.
  Value tensor(size_t index);
  /// Input `index`, which must be a constant of floats, or null and a reason.
  const reader::Tensor *floatConstant(size_t index, StringRef role);
  /// Its only element, where the input is absent `otherwise`.
  FailureOr<float> floatScalar(size_t index, float otherwise, StringRef role);
  /// A list of integers: an attribute before opset `sinceInput`, an input from
  /// then on; empty where absent.
  FailureOr<std::optional<std::vector<int64_t>>>
  integers(StringRef attribute, size_t index, int64_t sinceInput);
  /// Dimensions of a constant or a tensor, or empty where there is no input.
  std::vector<int64_t> dims(size_t index);
  /// Whether anything reads output `index`.
  bool isUsed(size_t index) const;
  void setUsed(const llvm::StringMap<unsigned> &uses) { useCounts = &uses; }

  //===--- Results --------------------------------------------------------===//

  /// A constant of floats as an op, without copying its bytes.
  Value materialize(const reader::Tensor &tensor, StringRef name);
  /// A new constant of floats.
  Value makeConstant(ArrayRef<int64_t> dims, ArrayRef<float> values,
                     StringRef name);

  /// An op with inferred result type, or null and a reason.
  template <typename Op>
  Value emit(ValueRange operands, ArrayRef<NamedAttribute> attributes = {});
  /// An op with the given result type, or null and a reason.
  template <typename Op>
  Value emitTyped(Type type, ValueRange operands,
                  ArrayRef<NamedAttribute> attributes = {});
  /// Reshapes unless the dimensions are the same.
  Value reshape(Value value, ArrayRef<int64_t> dims);

  /// Ends a handler: output `index` is `value`, which may be null after a
  /// failure.
  LogicalResult finish(Value value, size_t index = 0);
  void finishConstant(reader::Tensor tensor);
  /// Output 0 is what input 0 is.
  LogicalResult forward();

  NamedAttribute attr(StringRef name, Attribute value) {
    return b.getNamedAttr(name, value);
  }
  NamedAttribute attr(StringRef name, ArrayRef<int64_t> values) {
    return attr(name, b.getDenseI64ArrayAttr(values));
  }
  NamedAttribute attr(StringRef name, int64_t value) {
    return attr(name, b.getI64IntegerAttr(value));
  }
  NamedAttribute attr(StringRef name, float value) {
    return attr(name, b.getF32FloatAttr(value));
  }

private:
  Value build(OperationState &state);
  bool checkSize(Type type);

  const reader::Node &source;
  int64_t version;
  OpBuilder &b;
  ImportedValues &values;
  reader::ConstantBudget &constantBudget;
  Location location;
  reader::Attributes attributeReader;
  const llvm::StringMap<unsigned> *useCounts = nullptr;
  std::string why;
};

/// Whether a shape has more elements than any tensor of a network, so that
/// later code may multiply sizes freely.
bool isTooLarge(ArrayRef<int64_t> shape);

inline ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

template <typename Op>
Value NodeImporter::emit(ValueRange operands,
                         ArrayRef<NamedAttribute> attributes) {
  using Properties = typename PropertiesSelector<Op>::type;
  Properties properties;
  DictionaryAttr dictionary = b.getDictionaryAttr(attributes);
  if constexpr (!std::is_same_v<Properties, EmptyProperties>) {
    if (failed(Op::setPropertiesFromAttr(
            properties, dictionary, [&] { return mlir::emitError(location); })))
      return {};
    OperationName name(Op::getOperationName(), b.getContext());
    Op::populateDefaultProperties(name, properties);
  }
  SmallVector<Type> types;
  if (failed(Op::inferReturnTypes(b.getContext(), location, operands,
                                  dictionary, &properties, {}, types)))
    return {};
  return emitTyped<Op>(types[0], operands, attributes);
}

template <typename Op>
Value NodeImporter::emitTyped(Type type, ValueRange operands,
                              ArrayRef<NamedAttribute> attributes) {
  if (!checkSize(type))
    return {};
  OperationState state(location, Op::getOperationName());
  state.addOperands(operands);
  state.addAttributes(attributes);
  state.addTypes(type);
  return build(state);
}

using NodeHandler = LogicalResult (*)(NodeImporter &);
using NodeHandlers = llvm::StringMap<NodeHandler>;

/// Those of ONNXOpInterface. The others replace some that older versions of
/// ONNX wrote differently, or that are more than an op.
void addHandlersByName(NodeHandlers &handlers);

/// Each adds the operators of one file.
void addLayerHandlers(NodeHandlers &handlers);
void addWindowHandlers(NodeHandlers &handlers);
void addElementwiseHandlers(NodeHandlers &handlers);
void addShapeHandlers(NodeHandlers &handlers);

} // namespace mlir::lcp

#endif // LCP_LIB_IMPORT_ONNX_NODEIMPORTER_H
