// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths --split-input-file | FileCheck %s

// The two sides of a residual add are divided alike: the older side reaches the
// branch as its own.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel shared(
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK: lcp.parallel shared(%[[M]] : tensor<1x4xf32>) own(%[[P]]#0, %[[P]]#1 : tensor<1x2xf32>, tensor<1x2xf32>)
// CHECK: lcp.dense
// CHECK: lcp.add
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x3xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x3xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  %b = lcp.dense %a, %w1 : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %c = lcp.add %b, %a : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %c, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// A concat gives a branch two ranges; the layer added to it, which comes first,
// takes the same two, so its weights are copied and its merge puts the channels
// back in order.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel
// CHECK: %[[C:.*]] = lcp.constant dense<{{\[\[}}1.{{0*e[+]00}}], [2.{{0*e[+]00}}], [5.{{0*e[+]00}}]]> : tensor<3x1xf32>
// CHECK: lcp.dense %{{.*}}, %[[C]]
// CHECK: lcp.constant dense<{{\[\[}}3.{{0*e[+]00}}], [4.{{0*e[+]00}}], [6.{{0*e[+]00}}]]> : tensor<3x1xf32>
// CHECK: lcp.concat
// CHECK: lcp.add
// CHECK: lcp.merge concat {{.*}} {order = array<i64: 0, 1, 3, 4, 2, 5>}
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[1.], [2.], [3.], [4.], [5.], [6.]]> : tensor<6x1xf32>
  %w1 = lcp.constant dense<[[1.], [2.], [3.], [4.]]> : tensor<4x1xf32>
  %w2 = lcp.constant dense<[[1.], [2.]]> : tensor<2x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x6xf32>
  %s = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<6x1xf32>) -> tensor<1x6xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  %b = lcp.dense %x, %w2 : (tensor<1x1xf32>, tensor<2x1xf32>) -> tensor<1x2xf32>
  %c = lcp.concat %a, %b : (tensor<1x4xf32>, tensor<1x2xf32>) -> tensor<1x6xf32>
  %d = lcp.add %c, %s : (tensor<1x6xf32>, tensor<1x6xf32>) -> tensor<1x6xf32>
  %y = lcp.dense %d, %w3 : (tensor<1x6xf32>, tensor<2x6xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// Depthwise convolutions follow their producer; a grouped one has whole groups,
// for which the layer before is divided in pairs of channels: 4 and 2.
// CHECK-LABEL: func.func @main
// CHECK: lcp.parallel shared(%{{.*}} : tensor<1x1x3x3xf32>) -> tensor<1x4x1x1xf32>, tensor<1x2x1x1xf32>
// CHECK: lcp.conv2d {{.*}} {groups = 4 : i64} : (tensor<1x4x3x3xf32>, tensor<4x1x1x1xf32>)
// CHECK: lcp.conv2d {{.*}} {groups = 2 : i64} : (tensor<1x4x3x3xf32>, tensor<4x2x3x3xf32>)
// CHECK: lcp.conv2d {{.*}} {groups = 2 : i64} : (tensor<1x2x3x3xf32>, tensor<2x1x1x1xf32>)
// CHECK: lcp.conv2d {{.*}} : (tensor<1x2x3x3xf32>, tensor<2x2x3x3xf32>)
func.func @main(%x: tensor<1x1x3x3xf32>) -> tensor<1x2x1x1xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<6x1x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<6x2x3x3xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x6x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x3x3xf32>, tensor<6x1x1x1xf32>) -> tensor<1x6x3x3xf32>
  %b = lcp.conv2d %a, %w0 {groups = 6 : i64} : (tensor<1x6x3x3xf32>, tensor<6x1x1x1xf32>) -> tensor<1x6x3x3xf32>
  %c = lcp.conv2d %b, %w2 {groups = 3 : i64} : (tensor<1x6x3x3xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x1x1xf32>
  %y = lcp.conv2d %c, %w3 : (tensor<1x6x1x1xf32>, tensor<2x6x1x1xf32>) -> tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}

// -----

// A mixer without weights reads all channels, outside, as before.
// CHECK-LABEL: func.func @main
// CHECK: %[[M:.*]] = lcp.merge concat
// CHECK: %[[L:.*]] = lcp.lrn %[[M]] {size = 3 : i64} : tensor<1x4x2x2xf32>
// CHECK: lcp.parallel shared(%[[L]] : tensor<1x4x2x2xf32>)
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %l = lcp.lrn %a {size = 3 : i64} : tensor<1x4x2x2xf32>
  %b = lcp.conv2d %l, %w1 : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %y = lcp.conv2d %b, %w2 : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

// A layer that no result depends on is not taken for the classifier.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK-NEXT: %[[Y:.*]] = lcp.dense %[[M]]
// CHECK-NEXT: return %[[Y]]
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %a = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %a, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %z = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
