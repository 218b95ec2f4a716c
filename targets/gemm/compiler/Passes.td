//===- Passes.td - From the integer model to commands ------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_PASSES_TD
#define LCP_TARGETS_GEMM_COMPILER_PASSES_TD

include "mlir/Pass/PassBase.td"

def GEMMMarkUnsupported : Pass<"gemm-mark-unsupported", "func::FuncOp"> {
  let summary = "Keep in floating point what the engine cannot do";
  let description = [{
    Runs before lcp-quantize, which would give some ops an integer form that the
    engine has no command for. Those get `lcp.keep_float` with the reason.

    Example:

    ```mlir
    %y = lcp.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
    // becomes
    %y = lcp.transpose %x {lcp.keep_float = "the engine does not move values within a feature map",
                           permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
    ```
  }];
  let statistics = [Statistic<"marked", "ops-marked", "Ops kept in float">];
}

def ConvertLCPToGEMM : Pass<"convert-lcp-to-gemm", "func::FuncOp"> {
  let summary = "The ops of an integer function as commands";
  let description = [{
    Takes a function whose ops are all of the integer model. Activations become
    feature maps in the order N, H, W, C. A dense layer becomes a convolution
    whose kernel is its whole input, so that flattening costs nothing. Each
    `lcp.requantize` becomes part of the command that makes its sums; sums with
    several requantisations are made as often.

    Example:

    ```mlir
    %q = lcp.quantize %x {scale = 0.1 : f32} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xi8>
    %p = lcp.max_pool2d %q {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x3x8x8xi8>) -> tensor<1x3x4x4xi8>
    // becomes
    %q = gemm.load %x {scale = 0.1 : f32} : (tensor<1x3x8x8xf32>) -> memref<1x8x8x3xi8>
    %p = gemm.alloc : memref<1x4x4x3xi8>
    gemm.max_pool %q into %p {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : memref<1x8x8x3xi8>, memref<1x4x4x3xi8>
    ```
  }];
  let dependentDialects = ["::mlir::lcp::gemm::GEMMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def GEMMFusePool : Pass<"gemm-fuse-pool", "func::FuncOp"> {
  let summary = "Pool at the end of the layer";
  let description = [{
    A `gemm.max_pool` over windows that do not overlap, the only reader of a
    `gemm.conv`, becomes the convolution's own pooling: the feature map between
    them is never stored. Windows that overlap would compute positions twice.

    Example:

    ```mlir
    gemm.conv %in, %w, %b, %m, %s into %0 : …
    gemm.max_pool %0 into %1 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : …
    // becomes
    gemm.conv %in, %w, %b, %m, %s into %1 {pool_kernel = array<i64: 2, 2>, pool_strides = array<i64: 2, 2>} : …
    ```
  }];
  let statistics = [Statistic<"fused", "pools-fused", "Pools fused">];
}

def GEMMFoldCopies : Pass<"gemm-fold-copies", "func::FuncOp"> {
  let summary = "Write concatenated feature maps where they end up";
  let description = [{
    A `memref.copy` of a whole feature map that has a place of its own goes away:
    the feature map is made in the destination instead.

    Example:

    ```mlir
    %0 = gemm.alloc : memref<1x2x2x4xi8>
    gemm.max_pool %a into %0 {…} : …
    %1 = gemm.alloc : memref<1x2x2x8xi8>
    %2 = memref.subview %1[0, 0, 0, 4] [1, 2, 2, 4] [1, 1, 1, 1] : memref<1x2x2x8xi8> to memref<1x2x2x4xi8, strided<[32, 16, 8, 1], offset: 4>>
    memref.copy %0, %2 : …
    // becomes
    %1 = gemm.alloc : memref<1x2x2x8xi8>
    %2 = memref.subview %1[0, 0, 0, 4] [1, 2, 2, 4] [1, 1, 1, 1] : …
    gemm.max_pool %a into %2 {…} : …
    ```
  }];
  let statistics = [Statistic<"folded", "copies-folded", "Copies removed">];
}

def GEMMAssignAddresses : Pass<"gemm-assign-addresses", "func::FuncOp"> {
  let summary = "Give every feature map its place in activation memory";
  let description = [{
    Feature maps that are never live together share bytes. The largest is placed
    first, each at the lowest address (a multiple of 64) that is free while it lives.
    Loaded feature maps live from the start, stored ones to the end.

    Example:

    ```mlir
    %0 = gemm.alloc : memref<1x8x8x16xi8>
    // becomes
    %0 = gemm.alloc {address = 192 : i64} : memref<1x8x8x16xi8>
    ```
  }];
  let statistics = [Statistic<"bytes", "memory-bytes", "Bytes of memory">];
}

#endif // LCP_TARGETS_GEMM_COMPILER_PASSES_TD
