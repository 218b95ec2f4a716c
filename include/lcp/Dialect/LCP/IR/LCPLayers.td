//===- LCPLayers.td - Layers with weights ------------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPLAYERS_TD
#define LCP_DIALECT_LCP_IR_LCPLAYERS_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_Conv2DOp : LCP_Op<"conv2d", [Pure, LCP_InferType, LCP_WindowOpInterface,
    LCP_Channels<["getChannelRole", "followChannels", "getOperandSlices", "narrowAttributes", "getChannelQuantum"]>]> {
  let summary = "Two-dimensional convolution, NCHW by OIHW";
  let description = [{
    `out[n,o,y,x] = bias[o] + sum over i,r,s of
    in[n, g*I+i, y*sh + r*dh - top, x*sw + s*dw - left] * weight[o,i,r,s]`, where
    I is the weight's second dimension and g the group of o. Depthwise is
    `groups` = C.

    Constraints:
    - (C1) input and weight have rank 4 and the same element type; bias, if
      present, has one element an output channel, `f32` or (of `i8`) `i32`.
    - (C2) `strides` and `dilations` hold two positive values, `pads` four
      non-negative ones in the order top, left, bottom, right.
    - (C3) C = groups * I, and groups divides O.
    - (C4) the padded image is at least as large as the dilated kernel.

    Example:

    ```mlir
    %y = lcp.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>}
       : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins
    LCP_Tensor:$input, LCP_Tensor:$weight, Optional<LCP_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Height and width of the weight.
    ::llvm::ArrayRef<int64_t> getKernel() {
      return ::llvm::cast<::mlir::RankedTensorType>(getWeight().getType())
          .getShape().take_back(2);
    }
  }];
}

def LCP_DenseOp : LCP_Op<"dense", [Pure, LCP_InferType,
    LCP_Channels<["getChannelRole", "getOperandSlices"]>]> {
  let summary = "Fully connected layer";
  let description = [{
    `out[n,o] = bias[o] + sum over i of in[n,i] * weight[o,i]`.

    Constraints:
    - (C1) input is NxK, weight OxK, of the same element type.
    - (C2) bias, if present, has O elements, `f32` or (of `i8`) `i32`.

    Example:

    ```mlir
    %y = lcp.dense %x, %w, %b : (tensor<1x84xf32>, tensor<10x84xf32>, tensor<10xf32>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input, LCP_Tensor:$weight,
                       Optional<LCP_Tensor>:$bias);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)
  }];
}

def LCP_BatchNormOp : LCP_Op<"batch_norm", [Pure, LCP_InferType,
    LCP_Channels<["followChannels", "getOperandSlices", "getNewChannelValue"]>]> {
  let summary = "Batch normalisation with fixed statistics";
  let description = [{
    `out = (in - mean) / sqrt(variance + epsilon) * scale + bias`, the four
    vectors indexed by the position on `axis`.

    Constraints:
    - (C1) `axis` is a dimension of the input.
    - (C2) the four vectors have one element for each position on it.

    Example:

    ```mlir
    %y = lcp.batch_norm %x, %s, %b, %m, %v {epsilon = 1.0e-5 : f32}
       : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins
    LCP_FloatTensor:$input, LCP_FloatTensor:$scale, LCP_FloatTensor:$bias,
    LCP_FloatTensor:$mean, LCP_FloatTensor:$variance,
    DefaultValuedAttr<F32Attr, "1.0e-5f">:$epsilon,
    DefaultValuedAttr<I64Attr, "1">:$axis);
  let results = (outs LCP_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $bias `,` $mean `,` $variance attr-dict
    `:` functional-type(operands, results)
  }];
}

#endif // LCP_DIALECT_LCP_IR_LCPLAYERS_TD
