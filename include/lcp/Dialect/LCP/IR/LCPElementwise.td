//===- LCPElementwise.td - Elementwise operations ----------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPELEMENTWISE_TD
#define LCP_DIALECT_LCP_IR_LCPELEMENTWISE_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_ReluOp : LCP_ActivationOp<"relu", "Relu", (ins), [LCP_OnIntegers]> {
  let summary = "max(x, 0)";
  let description = [{
    Example:

    ```mlir
    %y = lcp.relu %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_LeakyReluOp : LCP_ActivationOp<"leaky_relu", "LeakyRelu",
    (ins DefaultValuedAttr<F32Attr, "0.01f">:$alpha)> {
  let summary = "x where x >= 0, alpha * x elsewhere";
  let description = [{
    Example:

    ```mlir
    %y = lcp.leaky_relu %x {alpha = 0.1 : f32} : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_ClipOp : LCP_UnaryOp<"clip", (ins F32Attr:$min, F32Attr:$max),
    [LCP_Channels<>, LCP_ElementwiseOpInterface]> {
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

def LCP_SigmoidOp : LCP_ActivationOp<"sigmoid", "Sigmoid"> {
  let summary = "1 / (1 + exp(-x))";
  let description = [{
    Example:

    ```mlir
    %y = lcp.sigmoid %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_HardSigmoidOp : LCP_ActivationOp<"hard_sigmoid", "HardSigmoid",
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

def LCP_HardSwishOp : LCP_ActivationOp<"hard_swish", "HardSwish"> {
  let summary = "x * min(max(x / 6 + 1/2, 0), 1)";
  let description = [{
    Example:

    ```mlir
    %y = lcp.hard_swish %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_TanhOp : LCP_ActivationOp<"tanh", "Tanh"> {
  let summary = "Hyperbolic tangent";
  let description = [{
    Example:

    ```mlir
    %y = lcp.tanh %x : tensor<1x4x8x8xf32>
    ```
  }];
}

def LCP_IdentityOp : LCP_UnaryOp<"identity", (ins),
    [LCP_Channels<>, LCP_ONNXOpInterface]> {
  let summary = "The operand, unchanged; removed by simplification";
  let description = [{
    Example:

    ```mlir
    %y = lcp.identity %x : tensor<1x4x8x8xf32>
    ```
  }];
  let extraClassDeclaration = LCP_ONNXType<"Identity">.declaration;
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

class LCP_BinaryOp<string mnemonic, string onnxType, list<Trait> traits = [],
                   list<string> channelMethods = []>
    : LCP_Op<mnemonic, !listconcat([Pure, LCP_InferType,
        LCP_Channels<!listconcat(["followChannels", "getOperandSlices"],
                                 channelMethods)>,
        LCP_ElementwiseOpInterface, LCP_OnIntegers, LCP_ONNXOpInterface],
        traits)> {
  let arguments = (ins LCP_Tensor:$lhs, LCP_Tensor:$rhs);
  let results = (outs LCP_Tensor:$result);
  let extraClassDeclaration = LCP_ONNXType<onnxType>.declaration;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *,
        std::optional<::mlir::Location> loc, Adaptor op,
        ::llvm::SmallVectorImpl<::mlir::Type> &result) {
      return inferBroadcast(loc, getOperationName(), op.getLhs(), op.getRhs(),
                            result);
    }
    ::llvm::Expected<::mlir::lcp::ChannelSlice> $cppClass::followChannels(
        ::llvm::ArrayRef<std::optional<::mlir::lcp::ChannelSlice>> operands) {
      return followBroadcast(*this, operands);
    }
    ::llvm::SmallVector<::mlir::lcp::ChannelSlice> $cppClass::getOperandSlices(
        unsigned operand, const std::optional<::mlir::lcp::ChannelSlice> &,
        const std::optional<::mlir::lcp::ChannelSlice> &result) {
      return sliceBroadcast(*this, operand, result);
    }
  }];
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` functional-type(operands, results)
  }];
}

def LCP_AddOp : LCP_BinaryOp<"add", "Add", [Commutative]> {
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

def LCP_SubOp : LCP_BinaryOp<"sub", "Sub"> {
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

def LCP_MulOp : LCP_BinaryOp<"mul", "Mul", [Commutative],
                             ["getNewChannelValue"]> {
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

#endif // LCP_DIALECT_LCP_IR_LCPELEMENTWISE_TD
