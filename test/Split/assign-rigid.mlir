// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity" 2>&1 | FileCheck %s

// No channel's way through the shuffle can be followed alone, as half a group
// would be: the layer before it is divided in order, and the layer behind it has
// no connections to compare.

// CHECK: assign=affinity keeps
// CHECK: lcp.parallel
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<6x1x1x1xf32>
  %w2 = lcp.constant dense<2.0> : tensor<4x6x1x1xf32>
  %w3 = lcp.constant dense<3.0> : tensor<4x4x1x1xf32>
  %w4 = lcp.constant dense<4.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w1 : (tensor<1x1x4x4xf32>, tensor<6x1x1x1xf32>) -> tensor<1x6x4x4xf32>
  %b = lcp.channel_shuffle %a {groups = 3 : i64} : tensor<1x6x4x4xf32>
  %c = lcp.conv2d %b, %w2 : (tensor<1x6x4x4xf32>, tensor<4x6x1x1xf32>) -> tensor<1x4x4x4xf32>
  %d = lcp.conv2d %c, %w3 : (tensor<1x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x4x4xf32>
  %y = lcp.conv2d %d, %w4 : (tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}
