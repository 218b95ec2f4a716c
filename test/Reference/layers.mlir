// RUN: lcp-reference %s | FileCheck %s
// Every value is worked out by hand.

// CHECK: @conv2d: tensor<1x1x2x2xf32> [13, 17, 25, 29]
func.func @conv2d() -> tensor<1x1x2x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]]> : tensor<1x1x3x3xf32>
  %w = lcp.constant dense<[[[[1.0, 1.0], [1.0, 1.0]]]]> : tensor<1x1x2x2xf32>
  %b = lcp.constant dense<[1.0]> : tensor<1xf32>
  %y = lcp.conv2d %x, %w, %b : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// Stride 2, a pad above and on both sides, dilation 2 across.
// CHECK: @conv2d_window: tensor<1x1x2x2xf32> [2, 4, 18, 21]
func.func @conv2d_window() -> tensor<1x1x2x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]]> : tensor<1x1x3x3xf32>
  %w = lcp.constant dense<[[[[1.0, 2.0], [2.0, 1.0]]]]> : tensor<1x1x2x2xf32>
  %y = lcp.conv2d %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 1>, dilations = array<i64: 1, 2>}
    : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// Depthwise: channel c only meets weight c.
// CHECK: @depthwise: tensor<1x2x1x2xf32> [2, 4, 9, 12]
func.func @depthwise() -> tensor<1x2x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 2.0]], [[3.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  %w = lcp.constant dense<[[[[2.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>
  %y = lcp.conv2d %x, %w {groups = 2 : i64} : (tensor<1x2x1x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x1x2xf32>
  return %y : tensor<1x2x1x2xf32>
}

// CHECK: @conv2d_i8: tensor<1x1x1x1xi32> [-32248]
func.func @conv2d_i8() -> tensor<1x1x1x1xi32> {
  %x = lcp.constant dense<[[[[127, 127]]]]> : tensor<1x1x1x2xi8>
  %w = lcp.constant dense<-127> : tensor<1x1x1x2xi8>
  %b = lcp.constant dense<[10]> : tensor<1xi32>
  %y = lcp.conv2d %x, %w, %b : (tensor<1x1x1x2xi8>, tensor<1x1x1x2xi8>, tensor<1xi32>) -> tensor<1x1x1x1xi32>
  return %y : tensor<1x1x1x1xi32>
}

// Rows of a larger blob are a view of it.
// CHECK: @dense_rows: tensor<1x1xf32> [12]
func.func @dense_rows() -> tensor<1x1xf32> {
  %x = lcp.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = lcp.constant dense<[[1.0, 2.0], [4.0, 3.0], [5.0, 6.0]]> : tensor<3x2xf32> rows from 1 -> tensor<1x2xf32>
  %b = lcp.constant dense<[0.0, 2.0, 7.0]> : tensor<3xf32> rows from 1 -> tensor<1xf32>
  %y = lcp.dense %x, %w, %b : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK: @dense_i8: tensor<2x1xi32> [5, -11]
func.func @dense_i8() -> tensor<2x1xi32> {
  %x = lcp.constant dense<[[1, 2], [-3, -4]]> : tensor<2x2xi8>
  %w = lcp.constant dense<[[1, 2]]> : tensor<1x2xi8>
  %y = lcp.dense %x, %w : (tensor<2x2xi8>, tensor<1x2xi8>) -> tensor<2x1xi32>
  return %y : tensor<2x1xi32>
}

// (x - 1) / sqrt(3 + 1) * 10 + 5
// CHECK: @batch_norm: tensor<1x2x1x1xf32> [5, -3]
func.func @batch_norm() -> tensor<1x2x1x1xf32> {
  %x = lcp.constant dense<[[[[1.0]], [[3.0]]]]> : tensor<1x2x1x1xf32>
  %s = lcp.constant dense<[10.0, -4.0]> : tensor<2xf32>
  %b = lcp.constant dense<[5.0, 1.0]> : tensor<2xf32>
  %m = lcp.constant dense<1.0> : tensor<2xf32>
  %v = lcp.constant dense<3.0> : tensor<2xf32>
  %y = lcp.batch_norm %x, %s, %b, %m, %v {epsilon = 1.0 : f32}
    : (tensor<1x2x1x1xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}
