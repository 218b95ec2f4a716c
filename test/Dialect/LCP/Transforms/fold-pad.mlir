// RUN: lcp-opt --lcp-fold-pad %s -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: lcp-reference %s > %t.before
// RUN: lcp-reference %t.mlir > %t.after
// RUN: diff %t.before %t.after

// A pad of a pad, and pads that the layer has already.
// CHECK-LABEL: func @conv
// CHECK-NOT:   lcp.pad
// CHECK:       lcp.conv2d {{.*}} {pads = array<i64: 1, 3, 1, 0>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>)
func.func @conv() -> tensor<1x1x3x4xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %w = lcp.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 1, 0>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x2xf32>
  %1 = lcp.pad %0 {low = array<i64: 0, 0, 0, 2>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x1x4x2xf32>) -> tensor<1x1x4x4xf32>
  %2 = lcp.conv2d %1, %w {pads = array<i64: 0, 1, 0, 0>} : (tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x3x4xf32>
  return %2 : tensor<1x1x3x4xf32>
}

// CHECK-LABEL: func @conv_of_ones
// CHECK:       lcp.pad
func.func @conv_of_ones() -> tensor<1x1x2x1xf32> {
  %x = lcp.constant dense<2.0> : tensor<1x1x1x1xf32>
  %w = lcp.constant dense<3.0> : tensor<1x1x1x1xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 0>, value = 1.0 : f32} : (tensor<1x1x1x1xf32>) -> tensor<1x1x2x1xf32>
  %1 = lcp.conv2d %0, %w : (tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x1xf32>
  return %1 : tensor<1x1x2x1xf32>
}

// CHECK-LABEL: func @channels
// CHECK:       lcp.pad
func.func @channels() -> tensor<1x1x1x1xf32> {
  %x = lcp.constant dense<2.0> : tensor<1x1x1x1xf32>
  %w = lcp.constant dense<3.0> : tensor<1x2x1x1xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x1x1x1xf32>) -> tensor<1x2x1x1xf32>
  %1 = lcp.conv2d %0, %w : (tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x1x1xf32>
  return %1 : tensor<1x1x1x1xf32>
}

// The border counted in the divisor, so the pads must.
// CHECK-LABEL: func @average
// CHECK-NOT:   lcp.pad
// CHECK:       lcp.avg_pool2d {{.*}}count_include_pad, {{.*}}pads = array<i64: 0, 1, 0, 1>
func.func @average() -> tensor<1x1x1x3xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 1>} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x4xf32>
  %1 = lcp.avg_pool2d %0 {kernel = array<i64: 1, 2>} : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x3xf32>
  return %1 : tensor<1x1x1x3xf32>
}

// The pool's own pads do not count: the two cannot be one.
// CHECK-LABEL: func @average_of_its_own
// CHECK:       lcp.pad
func.func @average_of_its_own() -> tensor<1x1x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0]]]]> : tensor<1x1x1x1xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 0, 0>, high = array<i64: 0, 0, 0, 1>} : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  %1 = lcp.avg_pool2d %0 {kernel = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 0>} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  return %1 : tensor<1x1x1x2xf32>
}

// A window wholly in the border has a value only while the border is there.
// CHECK-LABEL: func @average_of_nothing
// CHECK:       lcp.pad
func.func @average_of_nothing() -> tensor<1x1x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0]]]]> : tensor<1x1x1x1xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  %1 = lcp.avg_pool2d %0 {kernel = array<i64: 1, 1>} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  return %1 : tensor<1x1x1x2xf32>
}

// CHECK-LABEL: func @maximum
// CHECK:       lcp.pad
// CHECK:       lcp.max_pool2d
// CHECK-NOT:   lcp.pad
// CHECK:       lcp.max_pool2d {{.*}} {kernel = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 0>}
func.func @maximum() -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) {
  %x = lcp.constant dense<[[[[-1.0, -2.0]]]]> : tensor<1x1x1x2xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x3xf32>
  %1 = lcp.max_pool2d %0 {kernel = array<i64: 1, 2>} : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x2xf32>
  %2 = lcp.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 0>, value = 0xFF800000 : f32} : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x3xf32>
  %3 = lcp.max_pool2d %2 {kernel = array<i64: 1, 2>} : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x2xf32>
  return %1, %3 : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>
}

// The pad stays for its other use; the convolution needs it no more.
// CHECK-LABEL: func @second_use
// CHECK:       lcp.pad %[[X:.*]] {high
// CHECK:       lcp.conv2d %[[X]], {{.*}} {pads = array<i64: 0, 1, 0, 0>}
func.func @second_use() -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) {
  %x = lcp.constant dense<2.0> : tensor<1x1x1x1xf32>
  %w = lcp.constant dense<3.0> : tensor<1x1x1x1xf32>
  %0 = lcp.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  %1 = lcp.conv2d %0, %w : (tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  return %0, %1 : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>
}
