//===- LCPInteger.td - Operations of integer models --------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPINTEGER_TD
#define LCP_DIALECT_LCP_IR_LCPINTEGER_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_QuantizeOp : LCP_Op<"quantize", [Pure, LCP_InferType,
    LCP_Channels<[]>]> {
  let summary = "f32 to i8: round(x / scale), clamped to [-127, 127]";
  let description = [{
    Rounds to nearest, ties to even (docs/numerics.md).

    Constraints:
    - (C1) `scale` is positive and finite.

    Example:

    ```mlir
    %q = lcp.quantize %x {scale = 0.02 : f32} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xi8>
    ```
  }];
  let arguments = (ins LCP_FloatTensor:$input, F32Attr:$scale);
  let results = (outs LCP_ByteTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_DequantizeOp : LCP_Op<"dequantize", [Pure, LCP_InferType,
    LCP_Channels<[]>]> {
  let summary = "i8 to f32: x * scale";
  let description = [{
    Constraints:
    - (C1) `scale` is positive and finite.

    Example:

    ```mlir
    %x = lcp.dequantize %q {scale = 0.02 : f32} : (tensor<1x10xi8>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins LCP_ByteTensor:$input, F32Attr:$scale);
  let results = (outs LCP_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_RequantizeOp : LCP_Op<"requantize", [Pure, LCP_InferType,
    LCP_Channels<["followChannels", "getOperandSlices"]>]> {
  let summary = "i32 accumulators to i8, by a multiplier and a shift a channel";
  let description = [{
    `clamp((x * multiplier[c] + (1 << (shift[c]-1))) >> shift[c], min, max)` in
    64 bits with an arithmetic shift: round half up, once. c is the position
    on dimension 1.

    Constraints:
    - (C1) multiplier and shift have one element, or one for each position on
      dimension 1.
    - (C2) -127 <= min <= max <= 127.

    Example:

    ```mlir
    %q = lcp.requantize %acc, %m, %s {min = 0 : i32, max = 127 : i32}
       : (tensor<1x4x8x8xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<1x4x8x8xi8>
    ```
  }];
  let arguments = (ins LCP_WordTensor:$input, LCP_WordTensor:$multiplier,
                       LCP_WordTensor:$shift,
                       DefaultValuedAttr<I32Attr, "-127">:$min,
                       DefaultValuedAttr<I32Attr, "127">:$max);
  let results = (outs LCP_ByteTensor:$result);
  let assemblyFormat = [{
    $input `,` $multiplier `,` $shift attr-dict `:` functional-type(operands, results)
  }];
}

def LCP_ScaledSumOp : LCP_Op<"scaled_sum", [Pure, LCP_InferType]> {
  let summary = "i8 operands of different scales to one i32 sum";
  let description = [{
    `out = sum over i of inputs[i] * weights[i]`, exactly. It is the residual
    addition of the integer model: operand i has scale s_i, the sum is wanted at
    scale t, and `weights[i] = round(s_i / t * 2^S)`. The `lcp.requantize` that
    follows multiplies by 1 and shifts by S, so the whole addition rounds once.
    Of one operand it rescales.

    Constraints:
    - (C1) at least one operand, all of one type, and a weight for each.
    - (C2) the magnitudes of the weights sum to less than 2^24, so that the
      result cannot overflow.

    Example:

    ```mlir
    %y = lcp.scaled_sum %a, %b {weights = array<i32: 16384, 9021>}
       : (tensor<1x4x8x8xi8>, tensor<1x4x8x8xi8>) -> tensor<1x4x8x8xi32>
    ```
  }];
  let arguments = (ins Variadic<LCP_ByteTensor>:$inputs,
                       DenseI32ArrayAttr:$weights);
  let results = (outs LCP_WordTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
}

#endif // LCP_DIALECT_LCP_IR_LCPINTEGER_TD
