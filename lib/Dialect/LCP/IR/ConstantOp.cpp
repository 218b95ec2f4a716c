//===- ConstantOp.cpp - lcp.constant: trained values in resource blobs ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lcp;

// A literal up to this many elements may stand in the text of a module.
static constexpr int64_t kMaxLiteralElements = 256;

uint64_t mlir::lcp::getByteSize(RankedTensorType type) {
  return type.getNumElements() * (type.getElementTypeBitWidth() / 8);
}

// The text form of a module writes keys bare, so they must be identifiers.
static std::string makeKey(StringRef name) {
  std::string key = name.str();
  for (char &c : key)
    if (!llvm::isAlnum(c) && c != '_' && c != '$' && c != '.')
      c = '_';
  if (key.empty() || (!llvm::isAlpha(key[0]) && key[0] != '_'))
    key.insert(key.begin(), '_');
  return key;
}

ConstantOp mlir::lcp::createConstant(OpBuilder &builder, Location loc,
                                     RankedTensorType type, StringRef key,
                                     AsmResourceBlob blob) {
  auto value =
      DenseResourceElementsAttr::get(type, makeKey(key), std::move(blob));
  return builder.create<ConstantOp>(loc, value);
}

StringRef ConstantOp::getKey() {
  auto resource = dyn_cast<DenseResourceElementsAttr>(getValue());
  return resource ? resource.getRawHandle().getKey() : "constant";
}

bool ConstantOp::isSplat() {
  auto dense = dyn_cast<DenseElementsAttr>(getValue());
  return dense && dense.isSplat();
}

ArrayRef<char> ConstantOp::getRawData() {
  ArrayRef<char> all;
  if (auto dense = dyn_cast<DenseElementsAttr>(getValue())) {
    all = dense.getRawData();
    if (dense.isSplat())
      return all;
  } else {
    all = cast<DenseResourceElementsAttr>(getValue())
              .getRawHandle()
              .getBlob()
              ->getData();
  }
  uint64_t size = getByteSize(getType());
  if (!getFirstRow())
    return all.take_front(size);
  RankedTensorType parent = getParentType();
  uint64_t rowBytes = getByteSize(parent) / parent.getDimSize(0);
  return all.slice(*getFirstRow() * rowBytes, size);
}

static LogicalResult verifyBlob(ConstantOp op, DenseResourceElementsAttr attr) {
  AsmResourceBlob *blob = attr.getRawHandle().getBlob();
  StringRef key = attr.getRawHandle().getKey();
  if (!blob)
    return op.emitOpError("resource '") << key << "' has no data (C2)";
  RankedTensorType parent = op.getParentType();
  if (blob->getData().size() != getByteSize(parent))
    return op.emitOpError("resource '")
           << key << "' holds " << blob->getData().size() << " bytes, but "
           << parent << " needs " << getByteSize(parent) << " (C2)";
  uint64_t elementBytes = parent.getElementTypeBitWidth() / 8;
  if (reinterpret_cast<uintptr_t>(blob->getData().data()) % elementBytes != 0)
    return op.emitOpError("resource '")
           << key << "' is not aligned to " << elementBytes << " bytes (C2)";
  return success();
}

LogicalResult ConstantOp::verify() {
  auto parent = dyn_cast<RankedTensorType>(getValue().getShapedType());
  if (!parent || !parent.hasStaticShape())
    return emitOpError("needs a value of static, ranked type (C1)");
  if (auto dense = dyn_cast<DenseElementsAttr>(getValue())) {
    if (!dense.isSplat() && parent.getNumElements() > kMaxLiteralElements)
      return emitOpError("has a literal of ")
             << parent.getNumElements() << " elements; use a resource (C1)";
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue())) {
    // The bytes of the parent are only known to be there after this.
    if (!parent.getElementType().isIntOrFloat() ||
        failed(verifyBlob(*this, resource)))
      return failure();
  } else {
    return emitOpError("value must be dense or a dense resource (C1)");
  }

  RankedTensorType type = getType();
  if (!getFirstRow()) {
    if (type != parent)
      return emitOpError("result must have the type of the value, ")
             << parent << " (C3)";
    return success();
  }
  int64_t first = *getFirstRow();
  if (type.getElementType() != parent.getElementType() || type.getRank() < 1 ||
      type.getRank() != parent.getRank() ||
      type.getShape().drop_front() != parent.getShape().drop_front())
    return emitOpError("rows of ")
           << parent << " cannot be " << type << " (C3)";
  if (first < 0 || first > parent.getDimSize(0) - type.getDimSize(0))
    return emitOpError("rows ") << first << " to " << first + type.getDimSize(0)
                                << " do not lie in " << parent << " (C3)";
  return success();
}

// value-attr attr-dict (`:` type)? | value-attr `rows` `from` N `->` type
ParseResult ConstantOp::parse(OpAsmParser &parser, OperationState &result) {
  ElementsAttr value;
  if (parser.parseAttribute(value, "value", result.attributes) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  Type type = value.getShapedType();
  if (succeeded(parser.parseOptionalKeyword("rows"))) {
    IntegerAttr first;
    if (parser.parseKeyword("from") ||
        parser.parseAttribute(first, parser.getBuilder().getIntegerType(64),
                              "first_row", result.attributes) ||
        parser.parseArrow() || parser.parseType(type))
      return failure();
  }
  result.addTypes(type);
  return success();
}

void ConstantOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getValue();
  printer.printOptionalAttrDict((*this)->getAttrs(), {"value", "first_row"});
  if (getFirstRow())
    printer << " rows from " << *getFirstRow() << " -> " << getType();
}
