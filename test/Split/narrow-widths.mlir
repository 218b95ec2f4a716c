// RUN: lcp-opt %s --lcp-narrow-widths=macs=160 2>&1 | FileCheck %s
// RUN: lcp-opt %s --lcp-narrow-widths=macs=292 | FileCheck %s --check-prefix=WHOLE
// RUN: lcp-opt %s --lcp-narrow-widths=macs=1 2>&1 | FileCheck %s --check-prefix=LEAST
// RUN: not lcp-opt %s --lcp-narrow-widths 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not lcp-opt %s --lcp-narrow-widths=macs=293 2>&1 | FileCheck %s --check-prefix=MORE

// Per pixel of 4, the first convolution has 6 weights, the depthwise one 6 and
// the second 36; the dense layers 24 x 4 and 4.
// Four channels of six and three of four: 16 + 16 + 64 + 16 x 3 + 3 = 147; five of
// six and three of four: 20 + 20 + 100 + 60 + 3 = 203. So 160 is closest to the former.

// CHECK: note: {{.*}}74.9 % of the width, 147 multiply-accumulates; train it before it is used
// The first channels, in order; the classifier keeps its outputs.
// CHECK: lcp.constant dense_resource<constant> : tensor<4x1x1x1xf32>
// CHECK: lcp.conv2d {{.*}} -> tensor<1x4x2x2xf32>
// CHECK: lcp.conv2d {{.*}} {groups = 4 : i64} {{.*}} -> tensor<1x4x2x2xf32>
// CHECK: lcp.add {{.*}} : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>)
// CHECK: lcp.dense {{.*}} : (tensor<1x16xf32>, tensor<3x16xf32>) -> tensor<1x3xf32>
// CHECK: lcp.dense {{.*}} : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
// CHECK: constant: "0x400000000000803F000000400000404000008040"
// CHECK: constant_1: "0x400000000000803F0000004000004040"

// WHOLE: lcp.conv2d {{.*}} -> tensor<1x6x2x2xf32>
// WHOLE: lcp.dense {{.*}} -> tensor<1x4xf32>

// LEAST: lcp.conv2d {{.*}} -> tensor<1x1x2x2xf32>
// LEAST: lcp.dense {{.*}} -> tensor<1x1xf32>

// NONE: error: {{.*}}macs must be from 1 to the network's own, 292, not 0
// MORE: error: {{.*}}macs must be from 1 to the network's own, 292, not 293
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x1xf32> {
  %w0 = lcp.constant dense<[[[[1.]]], [[[2.]]], [[[3.]]], [[[4.]]], [[[5.]]], [[[6.]]]]> : tensor<6x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<6x1x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<6x6x1x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<4x24xf32>
  %w4 = lcp.constant dense<[[1., 2., 3., 4.]]> : tensor<1x4xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<6x1x1x1xf32>) -> tensor<1x6x2x2xf32>
  %b = lcp.conv2d %a, %w1 {groups = 6 : i64} : (tensor<1x6x2x2xf32>, tensor<6x1x1x1xf32>) -> tensor<1x6x2x2xf32>
  %c = lcp.conv2d %b, %w2 : (tensor<1x6x2x2xf32>, tensor<6x6x1x1xf32>) -> tensor<1x6x2x2xf32>
  %d = lcp.add %a, %c : (tensor<1x6x2x2xf32>, tensor<1x6x2x2xf32>) -> tensor<1x6x2x2xf32>
  %e = lcp.flatten %d : (tensor<1x6x2x2xf32>) -> tensor<1x24xf32>
  %f = lcp.dense %e, %w3 : (tensor<1x24xf32>, tensor<4x24xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %f, %w4 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
