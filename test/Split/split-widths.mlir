// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | FileCheck %s
// RUN: lcp-opt %s --lcp-plan-split=factor=2 --lcp-split-widths | FileCheck %s

// A layer with what rides with it, a view of its rows in each branch, and the
// layer after it that sees everything. The classifier stays whole.
// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:.*]]: tensor<1x1x4x4xf32>
// CHECK: %[[P:.*]]:2 = lcp.parallel shared(%[[X]] : tensor<1x1x4x4xf32>) -> tensor<1x2x1x1xf32>, tensor<1x1x1x1xf32> {
// CHECK: lcp.constant dense<{{.*}}> : tensor<3x1x3x3xf32> rows from 0 -> tensor<2x1x3x3xf32>
// CHECK: lcp.constant dense<{{.*}}> : tensor<3xf32> rows from 0 -> tensor<2xf32>
// CHECK: lcp.conv2d {{.*}} -> tensor<1x2x2x2xf32>
// CHECK: lcp.relu
// CHECK: lcp.constant dense<{{.*}}> : tensor<3x1x1xf32> rows from 0 -> tensor<2x1x1xf32>
// CHECK: lcp.mul
// CHECK: lcp.max_pool2d
// CHECK: lcp.yield %{{.*}} : tensor<1x2x1x1xf32>
// CHECK: rows from 2 -> tensor<1x1x3x3xf32>
// CHECK: lcp.yield %{{.*}} : tensor<1x1x1x1xf32>
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK: %[[Q:.*]]:2 = lcp.parallel shared(%[[M]] : tensor<1x3x1x1xf32>) -> tensor<1x2xf32>, tensor<1x2xf32>
// CHECK: rows from 0 -> tensor<2x3x1x1xf32>
// CHECK: lcp.flatten {{.*}} -> tensor<1x2xf32>
// CHECK: rows from 2 -> tensor<2x3x1x1xf32>
// CHECK: %[[N:.*]] = lcp.merge concat %[[Q]]#0, %[[Q]]#1
// CHECK: %[[Y:.*]] = lcp.dense %[[N]]
// CHECK: return %[[Y]]
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[[[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]]], [[[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]]], [[[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]]]]> : tensor<3x1x3x3xf32>
  %b0 = lcp.constant dense<[1., 2., 3.]> : tensor<3xf32>
  %c0 = lcp.conv2d %x, %w0, %b0 : (tensor<1x1x4x4xf32>, tensor<3x1x3x3xf32>, tensor<3xf32>) -> tensor<1x3x2x2xf32>
  %r0 = lcp.relu %c0 : tensor<1x3x2x2xf32>
  %s0 = lcp.constant dense<[[[1.]], [[2.]], [[3.]]]> : tensor<3x1x1xf32>
  %m0 = lcp.mul %r0, %s0 : (tensor<1x3x2x2xf32>, tensor<3x1x1xf32>) -> tensor<1x3x2x2xf32>
  %p0 = lcp.max_pool2d %m0 {kernel = array<i64: 2, 2>} : (tensor<1x3x2x2xf32>) -> tensor<1x3x1x1xf32>
  %w1 = lcp.constant dense<[[[[1.]], [[2.]], [[3.]]], [[[4.]], [[5.]], [[6.]]], [[[7.]], [[8.]], [[9.]]], [[[1.]], [[2.]], [[3.]]]]> : tensor<4x3x1x1xf32>
  %c1 = lcp.conv2d %p0, %w1 : (tensor<1x3x1x1xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x1x1xf32>
  %f = lcp.flatten %c1 : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %y = lcp.dense %f, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
