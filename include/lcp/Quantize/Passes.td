//===- Passes.td - Passes from float to integer models -----*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_PASSES_TD
#define LCP_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def LCPCalibrate : Pass<"lcp-calibrate", "func::FuncOp"> {
  let summary = "Record the range of every value on seeded inputs";
  let description = [{
    Runs the function through the reference interpreter on `samples` inputs of
    seeded, normally distributed numbers, and records on every op the largest
    magnitude of each operand and result as `lcp.max_abs`: one f32 an operand
    (0 for an `lcp.constant`), then one a result. Ops in the branches of an
    `lcp.parallel` are recorded too.

    Ranges from seeded inputs say little about real data, so the pass warns.
    `lcp-compile --calibrate` records the same attribute from a calibration set.

    Example:

    ```mlir
    %y = lcp.relu %x : tensor<1x8xf32>
    // becomes
    %y = lcp.relu %x {lcp.max_abs = array<f32: 3.1, 2.7>} : tensor<1x8xf32>
    ```
  }];
  let options = [
    Option<"samples", "samples", "unsigned", "8", "How many inputs to run">,
    Option<"seed", "seed", "unsigned", "1", "Seed of the inputs">
  ];
  let statistics = [
    Statistic<"recorded", "ops-recorded", "Ops that got lcp.max_abs">
  ];
}

def LCPQuantize : Pass<"lcp-quantize", "func::FuncOp"> {
  let summary = "Turn a float function into the integer model";
  let description = [{
    Rewrites the ops of a calibrated function that have an integer form
    (docs/numerics.md): convolutions and dense layers on i8 weights, one scale
    an output channel, with i32 bias; pools; residual additions as
    `lcp.scaled_sum`; and the ops that only move values. `relu` and `clip`
    become the bounds of the `lcp.requantize` before them. `lcp.quantize` and
    `lcp.dequantize` stand where integer and float ops meet; the function's
    type does not change.

    An op with the attribute `lcp.keep_float` stays as it is; the attribute is a
    string with the reason, and the pass sets it on every op that it leaves.

    The options are the limits that a target states (`lcp/Target/QuantSpec.h`).
    `lcp-compile` takes them from the target of each unit.

    Example:

    ```mlir
    %y = lcp.conv2d %x, %w {lcp.max_abs = array<f32: 2.54, 0.0, 12.7>}
       : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
    // becomes
    %q = lcp.quantize %x {scale = 2.0e-2 : f32} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xi8>
    %a = lcp.conv2d %q, %w8, %bias : (tensor<1x1x2x2xi8>, tensor<1x1x1x1xi8>, tensor<1xi32>) -> tensor<1x1x2x2xi32>
    %r = lcp.requantize %a, %multiplier, %shift : (tensor<1x1x2x2xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x1x2x2xi8>
    %y = lcp.dequantize %r {scale = 1.0e-1 : f32} : (tensor<1x1x2x2xi8>) -> tensor<1x1x2x2xf32>
    ```
  }];
  let options = [
    Option<"maxReduction", "max-reduction", "int64_t",
           "::mlir::lcp::QuantSpec().maxReduction",
           "Products that one accumulator may sum; layers with more stay float">,
    Option<"multiplierBits", "multiplier-bits", "int",
           "::mlir::lcp::QuantSpec().multiplierBits",
           "Bits of a requantisation's multiplier">,
    Option<"maxShift", "max-shift", "int", "::mlir::lcp::QuantSpec().maxShift",
           "Largest shift of a requantisation">
  ];
  let statistics = [
    Statistic<"integerOps", "integer-ops", "Ops that became integer">,
    Statistic<"floatOps", "float-ops", "Ops that stayed float">
  ];
  let dependentDialects = ["::mlir::lcp::LCPDialect"];
}

#endif // LCP_QUANTIZE_PASSES_TD
