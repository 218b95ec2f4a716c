// RUN: lcp-opt --lcp-fold-transpose %s -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: lcp-reference %s > %t.before
// RUN: lcp-reference %t.mlir > %t.after
// RUN: diff %t.before %t.after

// CHECK-LABEL: func @fold
// CHECK-NOT:   lcp.transpose
// CHECK:       %[[F:.*]] = lcp.flatten %{{.*}} : (tensor<2x2x1x3xf32>) -> tensor<2x6xf32>
// CHECK:       lcp.dense %[[F]], %{{.*}}
func.func @fold() -> tensor<2x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]], [[[-1.0, 2.0, 7.0]], [[4.0, 0.5, 9.0]]]]> : tensor<2x2x1x3xf32>
  %w = lcp.constant dense<[[1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0], [2.0, 3.0, 5.0, 7.0, 11.0, 13.0]]> : tensor<2x6xf32>
  %0 = lcp.transpose %x {permutation = array<i64: 0, 3, 2, 1>} : (tensor<2x2x1x3xf32>) -> tensor<2x3x1x2xf32>
  %1 = lcp.flatten %0 : (tensor<2x3x1x2xf32>) -> tensor<2x6xf32>
  %2 = lcp.dense %1, %w : (tensor<2x6xf32>, tensor<2x6xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}

// The batch moves: no weights can make up for that.
// CHECK-LABEL: func @batch
// CHECK:       lcp.transpose
func.func @batch() -> tensor<2x1xf32> {
  %x = lcp.constant dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>
  %w = lcp.constant dense<[[1.0, 10.0]]> : tensor<1x2xf32>
  %0 = lcp.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<2x2x1xf32>) -> tensor<2x2x1xf32>
  %1 = lcp.flatten %0 : (tensor<2x2x1xf32>) -> tensor<2x2xf32>
  %2 = lcp.dense %1, %w : (tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<2x1xf32>
  return %2 : tensor<2x1xf32>
}

// CHECK-LABEL: func @second_use
// CHECK:       %[[T:.*]] = lcp.transpose
// CHECK:       lcp.dense
// CHECK:       return %{{.*}}, %[[T]]
func.func @second_use() -> (tensor<1x1xf32>, tensor<1x3x2xf32>) {
  %x = lcp.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>
  %w = lcp.constant dense<[[1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0]]> : tensor<1x6xf32>
  %0 = lcp.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  %1 = lcp.flatten %0 : (tensor<1x3x2xf32>) -> tensor<1x6xf32>
  %2 = lcp.dense %1, %w : (tensor<1x6xf32>, tensor<1x6xf32>) -> tensor<1x1xf32>
  return %2, %0 : tensor<1x1xf32>, tensor<1x3x2xf32>
}
