// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths --lcp-remove-nonbranch-connections --split-input-file | FileCheck %s

// One stage is left; the second layer keeps the weights between channels of its
// own branch, the first sees the whole input, the classifier all features.
// CHECK: module attributes {lcp.plan = #plan, lcp.split = 2 : i64, lcp.trained_after_split = false}
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel shared(%{{.*}} : tensor<1x1xf32>) -> tensor<1x2xf32>, tensor<1x1xf32>
// CHECK: %[[A:.*]] = lcp.dense
// CHECK: %[[W:.*]] = lcp.constant dense<{{\[\[}}1.{{0*e[+]00}}, 2.{{0*e[+]00}}], [4.{{0*e[+]00}}, 5.{{0*e[+]00}}]]> : tensor<2x2xf32>
// CHECK: lcp.constant dense<{{.*}}> : tensor<3xf32> rows from 0 -> tensor<2xf32>
// CHECK: lcp.dense %[[A]], %[[W]]
// CHECK: lcp.constant dense<9.{{0*e[+]00}}> : tensor<1x1xf32>
// CHECK: lcp.yield
// CHECK-NOT: lcp.parallel
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1 : {{.*}} -> tensor<1x3xf32>
// CHECK: lcp.dense %[[M]]
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<3x1xf32>
  %w1 = lcp.constant dense<[[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]]> : tensor<3x3xf32>
  %b1 = lcp.constant dense<[1., 2., 3.]> : tensor<3xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x3xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<3x1xf32>) -> tensor<1x3xf32>
  %b = lcp.dense %a, %w1, %b1 : (tensor<1x3xf32>, tensor<3x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %y = lcp.dense %b, %w2 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// Mixers without weights, and what is between them and the next layer, take
// their per-branch form; the flatten before the classifier too.
// CHECK-LABEL: func.func @main
// CHECK: lcp.parallel
// CHECK: lcp.conv2d
// CHECK: lcp.lrn {{.*}} : tensor<1x2x2x2xf32>
// CHECK: lcp.max_pool2d
// CHECK: lcp.conv2d {{.*}} (tensor<1x2x1x1xf32>, tensor<2x2x1x1xf32>)
// CHECK: lcp.softmax
// CHECK: lcp.flatten {{.*}} -> tensor<1x2xf32>
// CHECK: lcp.yield
// CHECK: lcp.merge concat
// CHECK-NEXT: lcp.dense
// CHECK-NEXT: lcp.softmax
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %l = lcp.lrn %a {size = 3 : i64} : tensor<1x4x2x2xf32>
  %p = lcp.max_pool2d %l {kernel = array<i64: 2, 2>} : (tensor<1x4x2x2xf32>) -> tensor<1x4x1x1xf32>
  %b = lcp.conv2d %p, %w1 : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %s = lcp.softmax %b : tensor<1x4x1x1xf32>
  %f = lcp.flatten %s : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %f, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  %z = lcp.softmax %y : tensor<1x2xf32>
  return %z : tensor<1x2xf32>
}

// -----

// An op that has to see every channel joins the branches: two stages are left,
// and the residual add reads its older side as the branch's own.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK: lcp.reshape %[[M]]
// CHECK: lcp.transpose
// CHECK: %[[R:.*]] = lcp.reshape
// CHECK: lcp.parallel shared(%[[R]] : tensor<1x4x1x1xf32>) own(%[[P]]#0, %[[P]]#1
// CHECK: lcp.conv2d {{.*}}, tensor<2x4x1x1xf32>)
// CHECK: lcp.add
func.func @main(%x: tensor<1x1x1x1xf32>) -> tensor<1x2x1x1xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x1x1xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x1x1xf32>
  %g = lcp.reshape %a : (tensor<1x4x1x1xf32>) -> tensor<1x2x2x1x1xf32>
  %t = lcp.transpose %g {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x2x1x1xf32>) -> tensor<1x2x2x1x1xf32>
  %r = lcp.reshape %t : (tensor<1x2x2x1x1xf32>) -> tensor<1x4x1x1xf32>
  %b = lcp.conv2d %r, %w1 : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %c = lcp.add %a, %b : (tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %y = lcp.conv2d %c, %w2 : (tensor<1x4x1x1xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}
