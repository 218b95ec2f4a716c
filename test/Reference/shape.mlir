// RUN: lcp-reference %s | FileCheck %s
// Every value is worked out by hand.

// CHECK: @concat: tensor<2x3xf32> [1, 5, 6, 2, 7, 8]
func.func @concat() -> tensor<2x3xf32> {
  %a = lcp.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %b = lcp.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %y = lcp.concat %a, %b : (tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK: @slice: tensor<2x2xi8> [2, 3, 5, 6]
func.func @slice() -> tensor<2x2xi8> {
  %a = lcp.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %y = lcp.slice %a {begin = 1 : i64, end = 3 : i64} : (tensor<2x3xi8>) -> tensor<2x2xi8>
  return %y : tensor<2x2xi8>
}

// CHECK: @reshape: tensor<1x4xf32> [1, 2, 3, 4]
func.func @reshape() -> tensor<1x4xf32> {
  %a = lcp.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = lcp.reshape %a : (tensor<2x2xf32>) -> tensor<4x1xf32>
  %y = lcp.flatten %b {axis = 0 : i64} : (tensor<4x1xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// CHECK: @transpose: tensor<3x1x2xf32> [1, 4, 2, 5, 3, 6]
func.func @transpose() -> tensor<3x1x2xf32> {
  %a = lcp.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>
  %y = lcp.transpose %a {permutation = array<i64: 2, 0, 1>} : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  return %y : tensor<3x1x2xf32>
}

// CHECK: @pad: tensor<2x4xf32> [1, 2, 9, 9, 9, 9, 9, 9]
func.func @pad() -> tensor<2x4xf32> {
  %a = lcp.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %y = lcp.pad %a {low = array<i64: 0, 0>, high = array<i64: 1, 2>, value = 9.0 : f32} : (tensor<1x2xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// Groups (1, 2, 3) and (4, 5, 6) in turn.
// CHECK: @channel_shuffle: tensor<1x6x1x1xi8> [1, 4, 2, 5, 3, 6]
func.func @channel_shuffle() -> tensor<1x6x1x1xi8> {
  %a = lcp.constant dense<[[[[1]], [[2]], [[3]], [[4]], [[5]], [[6]]]]> : tensor<1x6x1x1xi8>
  %y = lcp.channel_shuffle %a {groups = 2 : i64} : tensor<1x6x1x1xi8>
  return %y : tensor<1x6x1x1xi8>
}
