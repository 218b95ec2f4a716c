// RUN: lcp-opt --lcp-fold-channel-affine %s -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: lcp-reference %s > %t.before
// RUN: lcp-reference %t.mlir > %t.after
// RUN: diff %t.before %t.after
// All factors are powers of two and all values small, so that folding is exact.

// (4 - 1) + 0.0 = 4: division by 2 in channel 0, by 1 in channel 1.
// CHECK-LABEL: func @conv
// CHECK-NOT:   lcp.batch_norm
// CHECK:       %[[Y:.*]] = lcp.conv2d %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x1x1x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>)
// CHECK-NEXT:  return %[[Y]]
func.func @conv() -> tensor<1x2x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %w = lcp.constant dense<[[[[4.0]]], [[[8.0]]]]> : tensor<2x1x1x1xf32>
  %b = lcp.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = lcp.constant dense<[2.0, 0.5]> : tensor<2xf32>
  %v = lcp.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %0 = lcp.conv2d %x, %w, %b : (tensor<1x1x1x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x1x2xf32>
  %1 = lcp.batch_norm %0, %s, %b, %s, %v {epsilon = 1.0 : f32} : (tensor<1x2x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x1x2xf32>
  return %1 : tensor<1x2x1x2xf32>
}

// Depthwise, a whole chain, and constants of every shape that means a channel.
// CHECK-LABEL: func @depthwise
// CHECK:       %[[Y:.*]] = lcp.conv2d %{{.*}}, %{{.*}}, %{{.*}} {groups = 2 : i64}
// CHECK-NEXT:  return %[[Y]]
func.func @depthwise() -> tensor<1x2x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0]], [[3.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  %w = lcp.constant dense<[[[[4.0]]], [[[8.0]]]]> : tensor<2x1x1x1xf32>
  %s = lcp.constant dense<[2.0, 0.5]> : tensor<2xf32>
  %v = lcp.constant dense<[3.0, 0.0]> : tensor<2xf32>
  %c1 = lcp.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %c2 = lcp.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  %c3 = lcp.constant dense<8.0> : tensor<f32>
  %0 = lcp.conv2d %x, %w {groups = 2 : i64} : (tensor<1x2x1x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x1x2xf32>
  %1 = lcp.batch_norm %0, %s, %s, %s, %v {epsilon = 1.0 : f32} : (tensor<1x2x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x1x2xf32>
  %2 = lcp.mul %1, %c1 : (tensor<1x2x1x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x1x2xf32>
  %3 = lcp.add %c2, %2 : (tensor<1x2x1x1xf32>, tensor<1x2x1x2xf32>) -> tensor<1x2x1x2xf32>
  %4 = lcp.sub %c3, %3 : (tensor<f32>, tensor<1x2x1x2xf32>) -> tensor<1x2x1x2xf32>
  %5 = lcp.sub %4, %c1 : (tensor<1x2x1x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x1x2xf32>
  return %5 : tensor<1x2x1x2xf32>
}

// An addition alone is a bias, and leaves the weights as they are.
// CHECK-LABEL: func @dense_bias
// CHECK:       %[[W:.*]] = lcp.constant dense<{{.*}}> : tensor<2x2xf32>
// CHECK:       %[[Y:.*]] = lcp.dense %{{.*}}, %[[W]], %{{.*}}
// CHECK-NEXT:  return %[[Y]]
func.func @dense_bias() -> tensor<1x2xf32> {
  %x = lcp.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = lcp.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = lcp.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %0 = lcp.dense %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = lcp.add %0, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// Rows of a larger blob: only the view is scaled.
// CHECK-LABEL: func @rows
// CHECK:       lcp.dense {{.*}} : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1xf32>)
// CHECK-NEXT:  return
func.func @rows() -> tensor<1x1xf32> {
  %x = lcp.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = lcp.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> rows from 1 -> tensor<1x2xf32>
  %k = lcp.constant dense<2.0> : tensor<1xf32>
  %0 = lcp.dense %x, %w : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  %1 = lcp.mul %0, %k : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %1 : tensor<1x1xf32>
}

// The layer's own value is wanted too.
// CHECK-LABEL: func @second_use
// CHECK:       lcp.conv2d
// CHECK-NEXT:  lcp.mul
func.func @second_use() -> (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) {
  %x = lcp.constant dense<2.0> : tensor<1x1x1x1xf32>
  %0 = lcp.conv2d %x, %x : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %1 = lcp.mul %0, %x : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  return %0, %1 : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>
}

// One value a column is not one a channel.
// CHECK-LABEL: func @column
// CHECK:       lcp.conv2d
// CHECK-NEXT:  lcp.mul
func.func @column() -> tensor<1x1x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %w = lcp.constant dense<2.0> : tensor<1x1x1x1xf32>
  %k = lcp.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  %1 = lcp.mul %0, %k : (tensor<1x1x1x2xf32>, tensor<2xf32>) -> tensor<1x1x1x2xf32>
  return %1 : tensor<1x1x1x2xf32>
}

// The constant is larger than the layer's result.
// CHECK-LABEL: func @enlarging
// CHECK:       lcp.dense
// CHECK-NEXT:  lcp.add
func.func @enlarging() -> tensor<1x2xf32> {
  %x = lcp.constant dense<2.0> : tensor<1x1xf32>
  %k = lcp.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = lcp.dense %x, %x : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %1 = lcp.add %0, %k : (tensor<1x1xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// Not linear from the activation on; the second layer's weights are unknown.
// CHECK-LABEL: func @stops
// CHECK:       lcp.relu
// CHECK-NEXT:  lcp.batch_norm
// CHECK-NEXT:  lcp.dense
// CHECK-NEXT:  lcp.add
func.func @stops() -> tensor<1x1xf32> {
  %x = lcp.constant dense<2.0> : tensor<1x1xf32>
  %k = lcp.constant dense<3.0> : tensor<1xf32>
  %0 = lcp.dense %x, %x : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %1 = lcp.relu %0 : tensor<1x1xf32>
  %2 = lcp.batch_norm %1, %k, %k, %k, %k {epsilon = 1.0 : f32} : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %3 = lcp.dense %x, %2 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %4 = lcp.add %3, %k : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %4 : tensor<1x1xf32>
}
