//===- LCPConstant.td - Trained values ---------------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPCONSTANT_TD
#define LCP_DIALECT_LCP_IR_LCPCONSTANT_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_ConstantOp : LCP_Op<"constant", [Pure]> {
  let summary = "Trained values, held in a resource blob";
  let description = [{
    The result is the blob, or the rows `[first_row, first_row + dim 0)` of it
    when `first_row` is present: a slice of output channels is a view of the
    parent's blob and copies nothing.

    Constraints:
    - (C1) `value` is a resource, a splat, or at most 256 elements: a long
      literal in the text of a module is never wanted.
    - (C2) a resource's blob is present and holds exactly the bytes that the
      type of `value` needs, aligned to its element type.
    - (C3) without `first_row` the result has the type of `value`; with it, the
      same element type and trailing dimensions, and its rows lie within it.

    Example:

    ```mlir
    %w = lcp.constant dense_resource<conv1_weight> : tensor<8x3x3x3xf32>
    %v = lcp.constant dense_resource<conv1_weight> : tensor<8x3x3x3xf32>
           rows from 4 -> tensor<2x3x3x3xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value, OptionalAttr<I64Attr>:$first_row);
  let results = (outs LCP_Tensor:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "ElementsAttr":$value), [{
      build($_builder, $_state, value.getShapedType(), value, IntegerAttr());
    }]>
  ];
  let extraClassDeclaration = [{
    /// Type of the whole blob, before `first_row` selects from it.
    RankedTensorType getParentType() {
      return cast<RankedTensorType>(getValue().getShapedType());
    }
    RankedTensorType getType() {
      return cast<RankedTensorType>(getResult().getType());
    }
    /// The bytes of the result in row-major order; of a splat, one element.
    ArrayRef<char> getRawData();
    bool isSplat();
    /// The key of the resource; of a literal, "constant".
    StringRef getKey();
    /// The values as T (float, int8_t or int32_t must match the element type).
    /// A view when the constant is not a splat; `storage` backs a splat.
    template <typename T> ArrayRef<T> getValues(SmallVectorImpl<T> &storage) {
      ArrayRef<char> raw = getRawData();
      auto *first = reinterpret_cast<const T *>(raw.data());
      if (!isSplat())
        return ArrayRef<T>(first, raw.size() / sizeof(T));
      storage.assign(getType().getNumElements(), *first);
      return storage;
    }
  }];
}

#endif // LCP_DIALECT_LCP_IR_LCPCONSTANT_TD
