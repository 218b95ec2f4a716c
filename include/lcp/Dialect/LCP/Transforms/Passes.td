//===- Passes.td - Simplification of the lcp dialect -------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All of these work on modules, not functions: passes over functions run in
// parallel, and the names of new constants would depend on who is first.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_TRANSFORMS_PASSES_TD
#define LCP_DIALECT_LCP_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def DropNoOps : Pass<"lcp-drop-no-ops", "::mlir::ModuleOp"> {
  let summary = "Remove dropout and identity";
  let description = [{
    Neither does anything at inference.

    ```mlir
    %1 = lcp.dropout %0 : tensor<1x120xf32>
    %2 = lcp.relu %1 : tensor<1x120xf32>
    ```
    becomes
    ```mlir
    %2 = lcp.relu %0 : tensor<1x120xf32>
    ```
  }];
  let statistics = [
    Statistic<"numDropped", "num-dropped", "ops removed">
  ];
}

def CanonicalizeShapes : Pass<"lcp-canonicalize-shapes", "::mlir::ModuleOp"> {
  let summary = "One op for a chain of reshapes or transposes; flatten where it is one";
  let description = [{
    - a reshape or flatten of another becomes one; to the same type, none;
    - a reshape that gathers dimensions into two becomes `lcp.flatten`;
    - a transpose of another becomes one; of nothing, none; and one that only
      moves dimensions of size 1 becomes a reshape;
    - a reshape of the channels into groups, a transpose of the two and a
      reshape back become `lcp.channel_shuffle`;
    - slices of one value that continue each other, joined, become one slice or
      the value itself.

    ```mlir
    %1 = lcp.reshape %0 : (tensor<1x4x2x2xf32>) -> tensor<4x4xf32>
    %2 = lcp.reshape %1 : (tensor<4x4xf32>) -> tensor<1x16xf32>
    ```
    becomes
    ```mlir
    %2 = lcp.flatten %0 : (tensor<1x4x2x2xf32>) -> tensor<1x16xf32>
    ```
  }];
  let statistics = [
    Statistic<"numRewritten", "num-rewritten", "ops removed or replaced">
  ];
}

def FoldConstants : Pass<"lcp-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Compute what depends on constants only";
  let description = [{
    Runs the reference interpreter on every op whose operands are all known, in
    double until the value is needed, and keeps the values that another op uses.

    ```mlir
    %0 = lcp.constant dense<2.0> : tensor<4xf32>
    %1 = lcp.mul %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %1 = lcp.constant dense_resource<folded> : tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::lcp::LCPDialect"];
  let statistics = [
    Statistic<"numFolded", "num-folded", "ops computed">
  ];
}

def SimplifyActivations
    : Pass<"lcp-simplify-activations", "::mlir::ModuleOp"> {
  let summary = "One relu or clip for a chain of them; relu where it is one";
  let description = [{
    relu, clip and the leaky relus of slope 0 and 1 all bound their operand from
    below, above or both. A chain of bounds is one bound; bounds of [0, infinity)
    are `lcp.relu`; no bound is no op. The largest finite values count as
    infinite, as ONNX writes an open bound of Clip that way.

    ```mlir
    %1 = lcp.clip %0 {min = 0.0 : f32, max = 0x7F800000 : f32} : tensor<1x4xf32>
    ```
    becomes
    ```mlir
    %1 = lcp.relu %0 : tensor<1x4xf32>
    ```
  }];
  let statistics = [
    Statistic<"numRewritten", "num-rewritten", "ops removed or replaced">
  ];
}

def FoldPad : Pass<"lcp-fold-pad", "::mlir::ModuleOp"> {
  let summary = "Move a border into the pads of the window op after it";
  let description = [{
    Zeros around the image become pads of a convolution, or of an average pool
    whose divisor counts them; the lowest value becomes pads of a max pool. The
    pad stays where a window would come to lie wholly in the border of a pool.

    ```mlir
    %1 = lcp.pad %0 {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>}
       : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32>
    %2 = lcp.conv2d %1, %w : (tensor<1x3x10x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    ```
    becomes
    ```mlir
    %2 = lcp.conv2d %0, %w {pads = array<i64: 1, 1, 1, 1>}
       : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let statistics = [
    Statistic<"numFolded", "num-folded", "window ops that took a border">
  ];
}

def FoldChannelAffine
    : Pass<"lcp-fold-channel-affine", "::mlir::ModuleOp"> {
  let summary = "Fold batch_norm, and mul, add and sub by channel constants, into the layer before";
  let description = [{
    A chain of such ops after a conv2d (depthwise too) or dense with constant
    weights scales and shifts each output channel. The chain is composed in
    double and written once, into new weights (if it scales) and a new bias. An
    intermediate value with a second use ends the chain.

    ```mlir
    %1 = lcp.conv2d %0, %w : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
    %2 = lcp.batch_norm %1, %s, %b, %m, %v
       : (tensor<1x4x6x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x6x6xf32>
    ```
    becomes
    ```mlir
    %2 = lcp.conv2d %0, %w_scaled, %bias
       : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x6x6xf32>
    ```
  }];
  let dependentDialects = ["::mlir::lcp::LCPDialect"];
  let statistics = [
    Statistic<"numBatchNorms", "num-batch-norms", "batch_norm ops folded">,
    Statistic<"numArithmetic", "num-arithmetic", "mul, add and sub ops folded">
  ];
}

def FoldTranspose : Pass<"lcp-fold-transpose", "::mlir::ModuleOp"> {
  let summary = "Fold a transpose before flatten and dense into the weights";
  let description = [{
    The columns of the weights are put in the order of the untransposed tensor.
    The transpose must leave the first dimension (the batch) where it is.

    ```mlir
    %1 = lcp.transpose %0 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
    %2 = lcp.flatten %1 : (tensor<1x8x8x4xf32>) -> tensor<1x256xf32>
    %3 = lcp.dense %2, %w : (tensor<1x256xf32>, tensor<10x256xf32>) -> tensor<1x10xf32>
    ```
    becomes
    ```mlir
    %2 = lcp.flatten %0 : (tensor<1x4x8x8xf32>) -> tensor<1x256xf32>
    %3 = lcp.dense %2, %w_permuted : (tensor<1x256xf32>, tensor<10x256xf32>) -> tensor<1x10xf32>
    ```
  }];
  let dependentDialects = ["::mlir::lcp::LCPDialect"];
  let statistics = [
    Statistic<"numFolded", "num-folded", "transposes folded into a dense layer">
  ];
}

#endif // LCP_DIALECT_LCP_TRANSFORMS_PASSES_TD
