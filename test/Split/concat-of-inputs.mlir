// RUN: lcp-opt %s --lcp-split=2 | FileCheck %s

// A concat of what every branch sees whole is not divided itself, so it does not
// say how the layer that it is added to has to be: contiguously.

// CHECK: lcp.parallel
// CHECK: rows from 0 -> tensor<2x1xf32>
// CHECK: rows from 2 -> tensor<2x1xf32>
// CHECK-NOT: order =

func.func @main(%x: tensor<1x2xf32>, %z: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %c = lcp.concat %x, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %a = lcp.dense %z, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  %s = lcp.add %a, %c : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %s, %w1 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
