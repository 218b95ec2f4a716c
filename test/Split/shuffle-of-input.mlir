// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | FileCheck %s
// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity" 2>/dev/null | FileCheck %s --check-prefix=SPLIT

// The depthwise layer's channels are those of a shuffle, a pad and a reshape of
// the network's input. Every branch sees all of that, so that it does not say
// how the layer has to be divided.

// CHECK: lcp.parallel
// CHECK: lcp.conv2d {{.*}} tensor<2x1x1x1xf32>
// CHECK: lcp.conv2d {{.*}} tensor<2x1x1x1xf32>
// CHECK-NOT: order =

// SPLIT: lcp.trained_after_split = false
// SPLIT: lcp.conv2d {{.*}} tensor<2x1x1x1xf32>
func.func @main(%x: tensor<1x3x16xf32>) -> tensor<1x2x4x4xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w2 = lcp.constant dense<2.0> : tensor<4x4x1x1xf32>
  %w3 = lcp.constant dense<3.0> : tensor<2x4x1x1xf32>
  %a = lcp.reshape %x : (tensor<1x3x16xf32>) -> tensor<1x3x4x4xf32>
  %b = lcp.pad %a {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = lcp.channel_shuffle %b {groups = 2 : i64} : tensor<1x4x4x4xf32>
  %d = lcp.conv2d %c, %w1 {groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x4x4xf32>
  %e = lcp.conv2d %d, %w2 : (tensor<1x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x4x4xf32>
  %y = lcp.conv2d %e, %w3 : (tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}
