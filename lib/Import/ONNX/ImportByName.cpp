//===- ImportByName.cpp - Operators that the dialect has as well ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;

/// What the node says of the attributes that have a default in the dialect.
template <typename Op> static NamedAttrList readAttributes(NodeImporter &n) {
  NamedAttrList attributes;
  using Properties = typename PropertiesSelector<Op>::type;
  if constexpr (!std::is_same_v<Properties, EmptyProperties>) {
    MLIRContext *context = n.builder().getContext();
    Properties properties;
    Op::populateDefaultProperties(
        OperationName(Op::getOperationName(), context), properties);
    if (Attribute defaults = Op::getPropertiesAsAttr(context, properties))
      attributes = cast<DictionaryAttr>(defaults);
  }
  reader::Attributes &node = n.attributes();
  for (NamedAttribute &attribute : attributes) {
    StringRef name = attribute.getName();
    attribute.setValue(
        llvm::TypeSwitch<Attribute, Attribute>(attribute.getValue())
            .Case([&](FloatAttr value) {
              return n.builder().getF32FloatAttr(
                  node.getFloat(name, value.getValue().convertToFloat()));
            })
            .Case([&](IntegerAttr value) {
              return IntegerAttr::get(value.getType(),
                                      node.getInt(name, value.getInt()));
            })
            .Default([](Attribute value) { return value; }));
  }
  return attributes;
}

template <typename Op> static LogicalResult importByName(NodeImporter &n) {
  constexpr bool isUnary = Op::template hasTrait<OpTrait::OneOperand>();
  if (!isUnary && n.opset() < 7 && n.attributes().has("axis"))
    return n.fail("broadcasting by an axis (before version 7 of ONNX's "
                  "operators) is not supported");
  SmallVector<Value> operands;
  for (size_t i = 0; i < (isUnary ? 1 : 2); ++i)
    operands.push_back(n.tensor(i));
  if (llvm::is_contained(operands, Value()))
    return failure();
  return n.finish(n.emit<Op>(operands, readAttributes<Op>(n)));
}

template <typename Op> static LogicalResult importPoolByName(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  if (n.isUsed(1))
    return n.fail("its indices are used");
  auto window = ImportWindow::read(n, shapeOf(x), {});
  if (failed(window))
    return failure();
  NamedAttrList attributes = readAttributes<Op>(n);
  window->setAttributes(n, attributes);
  return n.finish(n.emit<Op>(x, attributes));
}

template <typename Op> static void addHandler(NodeHandlers &handlers) {
  if constexpr (Op::template hasTrait<ONNXOpInterface::Trait>()) {
    if constexpr (Op::template hasTrait<WindowOpInterface::Trait>())
      handlers[Op::getONNXType()] = importPoolByName<Op>;
    else
      handlers[Op::getONNXType()] = importByName<Op>;
  }
}

template <typename... Ops> static void addHandlers(NodeHandlers &handlers) {
  (addHandler<Ops>(handlers), ...);
}

void mlir::lcp::addHandlersByName(NodeHandlers &handlers) {
  addHandlers<
#define GET_OP_LIST
#include "lcp/Dialect/LCP/IR/LCPOps.cpp.inc"
      >(handlers);
}
