// RUN: lcp-opt %s --lcp-split=3 --verify-diagnostics | FileCheck %s

// A convolution of two groups stays whole beside three branches. Two channels,
// which is what it reads, do not divide in three; the layer that is added to it does.
// CHECK: %[[G:.*]] = lcp.conv2d %{{.*}} {groups = 2 : i64}
// CHECK: lcp.parallel shared(%{{.*}}, %[[G]]
// CHECK-SAME: -> tensor<1x2x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>
func.func @main(%x: tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x2x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  // expected-remark@+1 {{lcp.conv2d stays whole, outside the branches: it has 2 groups, fewer than 3 branches}}
  %g = lcp.conv2d %x, %w0 {groups = 2 : i64} : (tensor<1x2x1x1xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x1x1xf32>
  %c = lcp.conv2d %x, %w1 : (tensor<1x2x1x1xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x1x1xf32>
  %a = lcp.add %g, %c : (tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %y = lcp.conv2d %a, %w2 : (tensor<1x4x1x1xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}
