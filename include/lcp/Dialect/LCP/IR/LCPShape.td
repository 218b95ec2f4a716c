//===- LCPShape.td - Operations that move values -----------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPSHAPE_TD
#define LCP_DIALECT_LCP_IR_LCPSHAPE_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_ConcatOp : LCP_Op<"concat", [Pure, LCP_InferType,
    LCP_Channels<["getChannelRole", "followChannels", "getOperandSlices"]>]> {
  let summary = "Operands one after the other along an axis";
  let description = [{
    Constraints:
    - (C1) at least one operand; all have the same element type and rank, and
      `axis` is a dimension.
    - (C2) all have the same size in every other dimension.

    Example:

    ```mlir
    %y = lcp.concat %a, %b {axis = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x2x8x8xf32>) -> tensor<1x6x8x8xf32>
    ```
  }];
  let arguments = (ins Variadic<LCP_Tensor>:$inputs,
                       DefaultValuedAttr<I64Attr, "1">:$axis);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
}

def LCP_SliceOp : LCP_Op<"slice", [Pure, LCP_InferType,
    LCP_Channels<["getChannelRole", "followChannels", "narrowAttributes"]>]> {
  let summary = "Positions [begin, end) of one axis";
  let description = [{
    Constraints:
    - (C1) `axis` is a dimension.
    - (C2) 0 <= begin < end <= its size.

    Example:

    ```mlir
    %y = lcp.slice %x {axis = 1 : i64, begin = 0 : i64, end = 2 : i64}
       : (tensor<1x4x8x8xf32>) -> tensor<1x2x8x8xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input,
                       DefaultValuedAttr<I64Attr, "1">:$axis,
                       I64Attr:$begin, I64Attr:$end);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def LCP_FlattenOp : LCP_Op<"flatten", [Pure, LCP_InferType,
    LCP_Channels<["getChannelRole", "followChannels"]>]> {
  let summary = "Two dimensions: those before an axis, and the rest";
  let description = [{
    Constraints:
    - (C1) 0 <= axis <= rank.

    Example:

    ```mlir
    %y = lcp.flatten %x : (tensor<1x4x8x8xf32>) -> tensor<1x256xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input,
                       DefaultValuedAttr<I64Attr, "1">:$axis);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_ReshapeOp : LCP_Op<"reshape", [Pure,
    LCP_Channels<["getChannelRole", "followChannels"]>]> {
  let summary = "The same elements in row-major order, in another shape";
  let description = [{
    Constraints:
    - (C1) input and result have the same element type and number of elements.

    Example:

    ```mlir
    %y = lcp.reshape %x : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def LCP_TransposeOp : LCP_Op<"transpose", [Pure, LCP_InferType,
    LCP_Channels<["getChannelRole", "followChannels"]>]> {
  let summary = "Dimensions in another order: result dim i is input dim perm[i]";
  let description = [{
    Constraints:
    - (C1) `permutation` names every dimension once.

    Example:

    ```mlir
    %y = lcp.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_ChannelShuffleOp : LCP_UnaryOp<"channel_shuffle",
    (ins I64Attr:$groups),
    [LCP_Channels<["getChannelRole", "followChannels"]>]> {
  let summary = "Channels of several groups in turn";
  let description = [{
    `out[n, k * groups + g] = in[n, g * (C / groups) + k]`: what ShuffleNet puts
    between grouped convolutions. It is a reshape to (groups, C / groups), a
    transpose and a reshape back; as an op of its own it has a per-branch form,
    which shuffles the channels that a branch has.

    Constraints:
    - (C1) `groups` is positive and divides dimension 1.

    Example:

    ```mlir
    %y = lcp.channel_shuffle %x {groups = 2 : i64} : tensor<1x4x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

def LCP_PadOp : LCP_Op<"pad", [Pure, LCP_InferType,
    LCP_Channels<["followChannels"]>]> {
  let summary = "A border of one value";
  let description = [{
    Constraints:
    - (C1) `low` and `high` hold one non-negative count a dimension.

    Example:

    ```mlir
    %y = lcp.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>}
       : (tensor<1x4x8x8xf32>) -> tensor<1x4x10x10xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high,
                       DefaultValuedAttr<F32Attr, "0.0f">:$value);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

#endif // LCP_DIALECT_LCP_IR_LCPSHAPE_TD
