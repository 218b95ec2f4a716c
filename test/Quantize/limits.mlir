// RUN: lcp-opt --lcp-quantize %s | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: lcp-opt --lcp-quantize="max-reduction=8 multiplier-bits=7 max-shift=13" %s | FileCheck %s --check-prefixes=CHECK,NARROW

// A target's limits are kept to. The factors are 0.02 and 0.002 (quantize.mlir
// works them out): 82 / 2^12 with seven bits, and 16 / 2^13 where the shift of 15
// that would keep them is too large. A sum that is too long stays float.
// CHECK-LABEL: func @main
// WIDE: lcp.constant dense<[20972, 16777]> : tensor<2xi32>
// WIDE: lcp.constant dense<[20, 23]> : tensor<2xi32>
// WIDE: lcp.dense {{.*}} -> tensor<1x1xi32>
// NARROW: lcp.constant dense<[82, 16]> : tensor<2xi32>
// NARROW: lcp.constant dense<[12, 13]> : tensor<2xi32>
// NARROW: lcp.dense {{.*}} {lcp.keep_float = "a sum of that many products may not fit 32 bits"
func.func @main(%x: tensor<1x1x4x4xf32>, %y: tensor<1x9xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x1xf32>) {
  %w = lcp.constant dense<[[[[12.7]]], [[[-1.27]]]]> : tensor<2x1x1x1xf32>
  %0 = lcp.conv2d %x, %w {strides = array<i64: 2, 2>, lcp.max_abs = array<f32: 2.54, 0.0, 12.7>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %v = lcp.constant dense<1.0> : tensor<1x9xf32>
  %1 = lcp.dense %y, %v {lcp.max_abs = array<f32: 1.0, 0.0, 9.0>} : (tensor<1x9xf32>, tensor<1x9xf32>) -> tensor<1x1xf32>
  return %0, %1 : tensor<1x2x2x2xf32>, tensor<1x1xf32>
}
