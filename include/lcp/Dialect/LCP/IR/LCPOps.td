//===- LCPOps.td - Operations ------------------------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constraints are numbered in each description and cited by number in the
// verifiers' messages, e.g. `(C2)`.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPOPS_TD
#define LCP_DIALECT_LCP_IR_LCPOPS_TD

include "lcp/Dialect/LCP/IR/LCPBase.td"
include "lcp/Dialect/LCP/IR/LCPInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

defvar LCP_InferType = InferTypeOpAdaptor;

// How the splitter sees an op; `methods` are those that differ from the
// interface's defaults.
class LCP_Channels<list<string> methods = []>
    : DeclareOpInterfaceMethods<LCP_ChannelOpInterface, methods>;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Layers with weights
//===----------------------------------------------------------------------===//

def LCP_Conv2DOp : LCP_Op<"conv2d", [Pure, LCP_InferType,
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
    LCP_Channels<["followChannels", "getOperandSlices"]>]> {
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

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

class LCP_UnaryOp<string mnemonic, dag extraArgs = (ins),
                  list<Trait> traits = [LCP_Channels<>]>
    : LCP_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultType], traits)> {
  let arguments = !con((ins LCP_Tensor:$input), extraArgs);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def LCP_ReluOp : LCP_UnaryOp<"relu"> {
  let summary = "max(x, 0)";
  let description = [{
    Example:

    ```mlir
    %y = lcp.relu %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_LeakyReluOp : LCP_UnaryOp<"leaky_relu",
    (ins DefaultValuedAttr<F32Attr, "0.01f">:$alpha)> {
  let summary = "x where x >= 0, alpha * x elsewhere";
  let description = [{
    Example:

    ```mlir
    %y = lcp.leaky_relu %x {alpha = 0.1 : f32} : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_ClipOp : LCP_UnaryOp<"clip", (ins F32Attr:$min, F32Attr:$max)> {
  let summary = "min(max(x, min), max)";
  let description = [{
    Constraints:
    - (C1) min <= max; either may be infinite.

    Example:

    ```mlir
    %y = lcp.clip %x {min = 0.0 : f32, max = 6.0 : f32} : tensor<1x4x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

def LCP_SigmoidOp : LCP_UnaryOp<"sigmoid"> {
  let summary = "1 / (1 + exp(-x))";
  let description = [{
    Example:

    ```mlir
    %y = lcp.sigmoid %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_HardSigmoidOp : LCP_UnaryOp<"hard_sigmoid",
    (ins DefaultValuedAttr<F32Attr, "0.2f">:$alpha,
         DefaultValuedAttr<F32Attr, "0.5f">:$beta)> {
  let summary = "min(max(alpha * x + beta, 0), 1)";
  let description = [{
    MobileNet-v3's has alpha = 1/6.

    Constraints:
    - (C1) `alpha` and `beta` are finite.

    Example:

    ```mlir
    %y = lcp.hard_sigmoid %x {alpha = 0.166666672 : f32} : tensor<1x4x1x1xf32>
    ```
  }];
  let hasVerifier = 1;
}

def LCP_HardSwishOp : LCP_UnaryOp<"hard_swish"> {
  let summary = "x * min(max(x / 6 + 1/2, 0), 1)";
  let description = [{
    Example:

    ```mlir
    %y = lcp.hard_swish %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_TanhOp : LCP_UnaryOp<"tanh"> {
  let summary = "Hyperbolic tangent";
  let description = [{
    Example:

    ```mlir
    %y = lcp.tanh %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_IdentityOp : LCP_UnaryOp<"identity"> {
  let summary = "The operand, unchanged; removed by simplification";
  let description = [{
    Example:

    ```mlir
    %y = lcp.identity %x : tensor<1x4x8x8xf32>
    ```
  }];
  let hasFolder = 1;
}

def LCP_DropoutOp : LCP_UnaryOp<"dropout",
    (ins DefaultValuedAttr<F32Attr, "0.5f">:$ratio)> {
  let summary = "Nothing at inference; kept so that an export can be retrained";
  let description = [{
    Example:

    ```mlir
    %y = lcp.dropout %x {ratio = 0.5 : f32} : tensor<1x120xf32>
    ```
  }];
}

class LCP_BinaryOp<string mnemonic, list<Trait> traits = []>
    : LCP_Op<mnemonic, !listconcat([Pure, LCP_InferType,
        LCP_Channels<["followChannels", "getOperandSlices"]>], traits)> {
  let arguments = (ins LCP_Tensor:$lhs, LCP_Tensor:$rhs);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` functional-type(operands, results)
  }];
}

def LCP_AddOp : LCP_BinaryOp<"add", [Commutative]> {
  let summary = "Sum, with broadcasting";
  let description = [{
    Shapes are aligned at their last dimensions; a dimension of size 1, or one
    that is missing, is repeated.

    Constraints:
    - (C1) the operands have the same element type and broadcast together.

    Example:

    ```mlir
    %y = lcp.add %a, %b : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_SubOp : LCP_BinaryOp<"sub"> {
  let summary = "Difference, with broadcasting";
  let description = [{
    Constraints:
    - (C1) as `lcp.add`.

    Example:

    ```mlir
    %y = lcp.sub %a, %b : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_MulOp : LCP_BinaryOp<"mul", [Commutative]> {
  let summary = "Product, with broadcasting";
  let description = [{
    Constraints:
    - (C1) as `lcp.add`.

    Example:

    ```mlir
    %y = lcp.mul %a, %b : (tensor<1x4x8x8xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Windows, and mixers without weights
//===----------------------------------------------------------------------===//

def LCP_MaxPool2DOp : LCP_Op<"max_pool2d", [Pure, LCP_InferType,
    LCP_Channels<["followChannels"]>]> {
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
  let arguments = (ins
    LCP_Tensor:$input, DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_AvgPool2DOp : LCP_Op<"avg_pool2d", [Pure, LCP_InferType,
    LCP_Channels<["followChannels"]>]> {
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
  let arguments = (ins
    LCP_Tensor:$input, DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    UnitAttr:$count_include_pad);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def LCP_GlobalAvgPoolOp : LCP_Op<"global_avg_pool", [Pure, LCP_InferType,
    LCP_Channels<["followChannels"]>]> {
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

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Integer model
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

def LCP_ParallelOp : LCP_Op<"parallel",
    [Pure, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "N isolated branches that share nothing but their operands";
  let description = [{
    One region a branch. `shared` operands reach every region whole; `own`
    operands come in groups of N, and region i gets the i-th of each group. A
    region's block arguments are the shared operands, then one of each own
    group. Nothing else is visible, so a connection between branches inside a
    stage cannot be written down.

    Results come in groups of N as well: yielded value k of branch i is result
    `k * N + i`. They stay with their branch; `lcp.merge` alone makes a shared
    value of a group.

    Constraints:
    - (C1) at least one region; the number of own operands and of results are
      multiples of the number of regions.
    - (C2) each region's arguments have the types of the shared operands, then
      of its own operands.
    - (C3) every region yields one value for each result group, of its type.
    - (C4) an own operand of branch i is a result for branch i of an earlier
      `lcp.parallel` with as many branches.
    - (C5) a result is used by `lcp.merge` or as an own operand, and by nothing
      else.

    Example:

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
    ^bb0(%in: tensor<1x8xf32>):
      %y = lcp.dense %in, %w0 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x8xf32>):
      %y = lcp.dense %in, %w1 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }
    ```
    (the constants `%w0` and `%w1` stand inside their regions).
  }];
  let arguments = (ins Variadic<LCP_Tensor>:$shared, Variadic<LCP_Tensor>:$own);
  let results = (outs Variadic<LCP_Tensor>:$results);
  let regions = (region VariadicRegion<SizedRegion<1>>:$branches);
  let assemblyFormat = [{
    (`shared` `(` $shared^ `:` type($shared) `)`)?
    (`own` `(` $own^ `:` type($own) `)`)?
    attr-dict-with-keyword (`->` type($results)^)? $branches
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    unsigned getNumBranches() { return getNumRegions(); }
    unsigned getNumOwnGroups() { return getOwn().size() / getNumBranches(); }
    unsigned getNumResultGroups() {
      return getResults().size() / getNumBranches();
    }
    /// Operand of own group `group` that reaches branch `branch`.
    Value getOwnOperand(unsigned group, unsigned branch) {
      return getOwn()[group * getNumBranches() + branch];
    }
    OpResult getBranchResult(unsigned group, unsigned branch) {
      return cast<OpResult>(getResults()[group * getNumBranches() + branch]);
    }
    YieldOp getYield(unsigned branch);
  }];
}

def LCP_YieldOp : LCP_Op<"yield",
    [Pure, Terminator, ReturnLike, HasParent<"ParallelOp">]> {
  let summary = "The values of one branch";
  let description = [{
    Example:

    ```mlir
    lcp.yield %y : tensor<1x2xf32>
    ```
  }];
  let arguments = (ins Variadic<LCP_Tensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

def LCP_MergeOp : LCP_Op<"merge", [Pure, LCP_InferType]> {
  let summary = "One shared value out of a group of per-branch values";
  let description = [{
    `concat` puts the operands one after the other along `axis`; with `order`,
    position i of the result is position `order[i]` of that concatenation, so
    that branches which hold a permuted choice of channels still yield the
    original order. `sum` adds operands of one shape.

    Constraints:
    - (C1) the operands are all the results of one group of one `lcp.parallel`,
      in branch order.
    - (C2) concat: same element type, rank and size but along `axis`.
    - (C3) sum: same type; no `order`.
    - (C4) `order` is a permutation of the positions on `axis`.

    Example:

    ```mlir
    %m = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %s = lcp.merge sum %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    ```
  }];
  let arguments = (ins LCP_MergeKindAttr:$kind, Variadic<LCP_Tensor>:$inputs,
                       DefaultValuedAttr<I64Attr, "1">:$axis,
                       OptionalAttr<DenseI64ArrayAttr>:$order);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = [{
    $kind $inputs attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LCP_DIALECT_LCP_IR_LCPOPS_TD
