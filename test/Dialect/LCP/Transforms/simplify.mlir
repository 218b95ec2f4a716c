// RUN: lcp-opt --lcp-simplify %s -o %t.once.mlir
// RUN: FileCheck %s < %t.once.mlir
// RUN: lcp-opt --lcp-simplify %t.once.mlir -o %t.twice.mlir
// RUN: diff %t.once.mlir %t.twice.mlir
// RUN: lcp-opt --lcp-simplify %s -o %t.again.mlir
// RUN: diff %t.once.mlir %t.again.mlir

// What one pass removes is what keeps the next from matching: dropout between
// conv and batch_norm, statistics that are computed, clip for relu, a pad.
// CHECK-LABEL: func @main
// CHECK-NOT:   lcp.pad
// CHECK:       lcp.conv2d %arg0, %{{.*}}, %{{.*}} {pads = array<i64: 1, 1, 1, 1>}
// CHECK-NEXT:  lcp.relu
// CHECK:       lcp.flatten
// CHECK:       lcp.dense
// CHECK-NEXT:  return
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2xf32> {
  %w = lcp.constant dense<1.0> : tensor<2x1x3x3xf32>
  %k = lcp.constant dense<2.0> : tensor<2xf32>
  %fc = lcp.constant dense<0.5> : tensor<2x8xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  %1 = lcp.conv2d %0, %w : (tensor<1x1x4x4xf32>, tensor<2x1x3x3xf32>) -> tensor<1x2x2x2xf32>
  %2 = lcp.dropout %1 : tensor<1x2x2x2xf32>
  %m = lcp.mul %k, %k : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = lcp.batch_norm %2, %m, %k, %m, %k : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %4 = lcp.clip %3 {min = 0.0 : f32, max = 0x7F800000 : f32} : tensor<1x2x2x2xf32>
  %5 = lcp.transpose %4 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %6 = lcp.reshape %5 : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32>
  %7 = lcp.dense %6, %fc : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
  return %7 : tensor<1x2xf32>
}
