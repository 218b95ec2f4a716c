// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | sed "s/joins = .*//" > %t.widths
// RUN: lcp-opt %s --lcp-split="factor=2 keep-every=1" | sed "s/joins = .*//" | diff %t.widths -
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1" | FileCheck %s
// RUN: lcp-opt %s --lcp-split="factor=2 keep-every=2" | FileCheck %s --check-prefix=SECOND

// No layer that sees all channels lies before what a depthwise layer makes of
// the network's input. Its join is number 1 all the same, not one that no
// option keeps.

// CHECK: lcp.trained_after_split = false
// CHECK: lcp.parallel
// CHECK: lcp.merge
// CHECK: lcp.parallel shared(%{{.*}} : tensor<1x4x4x4xf32>)
// CHECK-COUNT-2: lcp.conv2d {{.*}} tensor<3x{{[43]}}x1x1xf32>

// SECOND: lcp.conv2d {{.*}} tensor<3x2x1x1xf32>
// SECOND: lcp.parallel shared(%{{.*}} : tensor<1x6x4x4xf32>)
// SECOND: lcp.conv2d {{.*}} tensor<3x6x1x1xf32>
func.func @main(%x: tensor<1x4x4x4xf32>) -> tensor<1x2xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w2 = lcp.constant dense<2.0> : tensor<6x4x1x1xf32>
  %w3 = lcp.constant dense<3.0> : tensor<6x6x1x1xf32>
  %w4 = lcp.constant dense<4.0> : tensor<2x6xf32>
  %a = lcp.conv2d %x, %w1 {groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x4x4xf32>
  %b = lcp.conv2d %a, %w2 : (tensor<1x4x4x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x4x4xf32>
  %c = lcp.conv2d %b, %w3 : (tensor<1x6x4x4xf32>, tensor<6x6x1x1xf32>) -> tensor<1x6x4x4xf32>
  %d = lcp.global_avg_pool %c : (tensor<1x6x4x4xf32>) -> tensor<1x6x1x1xf32>
  %e = lcp.flatten %d : (tensor<1x6x1x1xf32>) -> tensor<1x6xf32>
  %y = lcp.dense %e, %w4 : (tensor<1x6xf32>, tensor<2x6xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
