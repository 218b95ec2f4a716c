// RUN: lcp-reference %s | FileCheck %s
// Every value is worked out by hand.

// Padding never wins, even where all is negative.
// CHECK: @max_pool2d: tensor<1x1x2x2xf32> [-1, -2, -4, -5]
func.func @max_pool2d() -> tensor<1x1x2x2xf32> {
  %x = lcp.constant dense<[[[[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0]]]]> : tensor<1x1x2x3xf32>
  %y = lcp.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 0>}
    : (tensor<1x1x2x3xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// CHECK: @max_pool2d_dilated: tensor<1x1x1x1xi8> [-2]
func.func @max_pool2d_dilated() -> tensor<1x1x1x1xi8> {
  %x = lcp.constant dense<[[[[-9, 7, -2]]]]> : tensor<1x1x1x3xi8>
  %y = lcp.max_pool2d %x {kernel = array<i64: 1, 2>, dilations = array<i64: 1, 2>} : (tensor<1x1x1x3xi8>) -> tensor<1x1x1x1xi8>
  return %y : tensor<1x1x1x1xi8>
}

// CHECK: @avg_pool2d: tensor<1x1x1x2xf32> [1, 4]
func.func @avg_pool2d() -> tensor<1x1x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 3.0, 5.0]]]]> : tensor<1x1x1x3xf32>
  %y = lcp.avg_pool2d %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 0>} : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// CHECK: @avg_pool2d_counting_pads: tensor<1x1x1x2xf32> [0.5, 4]
func.func @avg_pool2d_counting_pads() -> tensor<1x1x1x2xf32> {
  %x = lcp.constant dense<[[[[1.0, 3.0, 5.0]]]]> : tensor<1x1x1x3xf32>
  %y = lcp.avg_pool2d %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 0>, count_include_pad} : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// Of integers, the sum: the divisor belongs to the requantisation.
// CHECK: @avg_pool2d_i8: tensor<1x1x1x1xi32> [-254]
func.func @avg_pool2d_i8() -> tensor<1x1x1x1xi32> {
  %x = lcp.constant dense<-127> : tensor<1x1x1x2xi8>
  %y = lcp.avg_pool2d %x {kernel = array<i64: 1, 2>} : (tensor<1x1x1x2xi8>) -> tensor<1x1x1x1xi32>
  return %y : tensor<1x1x1x1xi32>
}

// CHECK: @global_avg_pool: tensor<1x2x1x1xf32> [2, 30]
func.func @global_avg_pool() -> tensor<1x2x1x1xf32> {
  %x = lcp.constant dense<[[[[1.0, 3.0]], [[20.0, 40.0]]]]> : tensor<1x2x1x2xf32>
  %y = lcp.global_avg_pool %x : (tensor<1x2x1x2xf32>) -> tensor<1x2x1x1xf32>
  return %y : tensor<1x2x1x1xf32>
}

// CHECK: @global_avg_pool_i8: tensor<1x1x1x1xi32> [4]
func.func @global_avg_pool_i8() -> tensor<1x1x1x1xi32> {
  %x = lcp.constant dense<[[[[1, 3]]]]> : tensor<1x1x1x2xi8>
  %y = lcp.global_avg_pool %x : (tensor<1x1x1x2xi8>) -> tensor<1x1x1x1xi32>
  return %y : tensor<1x1x1x1xi32>
}

// exp(0) : exp(ln 3), along each column; the large values do not overflow.
// CHECK: @softmax: tensor<2x2xf32> [0.25, 0.5, 0.75, 0.5]
func.func @softmax() -> tensor<2x2xf32> {
  %x = lcp.constant dense<[[0.0, 1000.0], [1.09861229, 1000.0]]> : tensor<2x2xf32>
  %y = lcp.softmax %x {axis = 0 : i64} : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// size 2 reaches one channel on: x / (1 + 2/2 * (x^2 + next^2))
// CHECK: @lrn: tensor<1x3x1x1xf32> [0.1666667, 0.1428571, 0.3]
func.func @lrn() -> tensor<1x3x1x1xf32> {
  %x = lcp.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %y = lcp.lrn %x {size = 2 : i64, alpha = 2.0 : f32, beta = 1.0 : f32} : tensor<1x3x1x1xf32>
  return %y : tensor<1x3x1x1xf32>
}
