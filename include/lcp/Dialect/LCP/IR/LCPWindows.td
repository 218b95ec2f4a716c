//===- LCPWindows.td - Windows, and mixers without weights -*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPWINDOWS_TD
#define LCP_DIALECT_LCP_IR_LCPWINDOWS_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

// Reduces each window of each channel to one value. What accumulates has an
// `i32` result of `i8`.
class LCP_PoolOp<string mnemonic, bit accumulates, dag extraArgs = (ins),
                 list<Trait> traits = []>
    : LCP_Op<mnemonic, !listconcat([Pure, LCP_InferType, LCP_WindowOpInterface,
        LCP_Channels<["followChannels"]>], traits)> {
  let arguments = !con((ins
    LCP_Tensor:$input, DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations), extraArgs);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *,
        std::optional<::mlir::Location> loc, Adaptor op,
        ::llvm::SmallVectorImpl<::mlir::Type> &result) {
      return inferPool(loc, getOperationName(), op.getInput(),
                       {op.getKernel(), op.getStrides(), op.getPads(),
                        op.getDilations()},
                       /*accumulates=*/}] # accumulates # [{, result);
    }
    ::llvm::Expected<::mlir::lcp::ChannelSlice> $cppClass::followChannels(
        ::llvm::ArrayRef<std::optional<::mlir::lcp::ChannelSlice>> operands) {
      return followImage(operands);
    }
  }];
}

def LCP_MaxPool2DOp : LCP_PoolOp<"max_pool2d", /*accumulates=*/0, (ins),
    [LCP_ONNXOpInterface]> {
  let extraClassDeclaration = LCP_ONNXType<"MaxPool">.declaration;
  let summary = "Largest value of each window";
  let description = [{
    Padding never wins: a window reads only positions of the image.

    Constraints:
    - (C1) input has rank 4.
    - (C2) `kernel`, `strides` and `dilations` hold two positive values, `pads`
      four non-negative ones in the order top, left, bottom, right.
    - (C3) the padded image is at least as large as the dilated window.
    - (C4) no window lies wholly in the padding.

    Example:

    ```mlir
    %y = lcp.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
       : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
}

def LCP_AvgPool2DOp : LCP_PoolOp<"avg_pool2d", /*accumulates=*/1,
    (ins UnitAttr:$count_include_pad)> {
  let summary = "Mean of each window";
  let description = [{
    The divisor is the number of positions of the window that lie in the image,
    or, with `count_include_pad`, in the padded image. Of `i8` the result is
    the `i32` sum, undivided: the divisor belongs to the requantisation.

    Constraints:
    - (C1) to (C4) as `lcp.max_pool2d`.

    Example:

    ```mlir
    %y = lcp.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
       : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
}

def LCP_GlobalAvgPoolOp : LCP_Op<"global_avg_pool", [Pure, LCP_InferType,
    LCP_Channels<["followChannels"]>, LCP_ONNXOpInterface]> {
  let extraClassDeclaration = LCP_ONNXType<"GlobalAveragePool">.declaration;
  let summary = "Mean over the image: NxCxHxW to NxCx1x1";
  let description = [{
    Of `i8` the result is the `i32` sum, as for `lcp.avg_pool2d`.

    Constraints:
    - (C1) input has rank 4.

    Example:

    ```mlir
    %y = lcp.global_avg_pool %x : (tensor<1x4x8x8xf32>) -> tensor<1x4x1x1xf32>
    ```
  }];
  let arguments = (ins LCP_Tensor:$input);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_SoftmaxOp : LCP_UnaryOp<"softmax",
    (ins DefaultValuedAttr<I64Attr, "1">:$axis),
    [LCP_Channels<["getChannelRole"]>]> {
  let summary = "exp(x) normalised to sum to one along an axis";
  let description = [{
    Constraints:
    - (C1) `axis` is a dimension of the input.

    Example:

    ```mlir
    %y = lcp.softmax %x {axis = 1 : i64} : tensor<1x10xf32>
    ```
  }];
  let hasVerifier = 1;
}

def LCP_LRNOp : LCP_UnaryOp<"lrn",
    (ins I64Attr:$size,
         DefaultValuedAttr<F32Attr, "1.0e-4f">:$alpha,
         DefaultValuedAttr<F32Attr, "0.75f">:$beta,
         DefaultValuedAttr<F32Attr, "1.0f">:$k),
    [LCP_Channels<["getChannelRole"]>]> {
  let summary = "Local response normalisation across channels";
  let description = [{
    `out[n,c] = in[n,c] / (k + alpha/size * sum of in[n,j]^2)^beta`, j from
    c - floor((size-1)/2) to c + ceil((size-1)/2) within the channels.

    Constraints:
    - (C1) `size` is positive and the input has at least two dimensions.

    Example:

    ```mlir
    %y = lcp.lrn %x {size = 5 : i64} : tensor<1x16x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

#endif // LCP_DIALECT_LCP_IR_LCPWINDOWS_TD
