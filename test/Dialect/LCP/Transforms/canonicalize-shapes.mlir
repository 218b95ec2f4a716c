// RUN: lcp-opt --lcp-canonicalize-shapes %s | FileCheck %s

// CHECK-LABEL: func @reshape_of_reshape
// CHECK-NEXT:  %[[Y:.*]] = lcp.flatten %arg0 : (tensor<1x4x2x2xf32>) -> tensor<1x16xf32>
// CHECK-NEXT:  return %[[Y]]
func.func @reshape_of_reshape(%x: tensor<1x4x2x2xf32>) -> tensor<1x16xf32> {
  %0 = lcp.reshape %x : (tensor<1x4x2x2xf32>) -> tensor<2x2x4xf32>
  %1 = lcp.reshape %0 : (tensor<2x2x4xf32>) -> tensor<1x16xf32>
  return %1 : tensor<1x16xf32>
}

// CHECK-LABEL: func @back_again
// CHECK-NEXT:  return %arg0
func.func @back_again(%x: tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32> {
  %0 = lcp.flatten %x : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32>
  %1 = lcp.reshape %0 : (tensor<1x4xf32>) -> tensor<1x4x1x1xf32>
  return %1 : tensor<1x4x1x1xf32>
}

// CHECK-LABEL: func @flatten_of_a_matrix
// CHECK-NEXT:  return %arg0
func.func @flatten_of_a_matrix(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = lcp.flatten %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Two dimensions that no flattening makes, or more than two, stay a reshape.
// CHECK-LABEL: func @not_flatten
// CHECK:       lcp.reshape %arg0 : (tensor<4x3xf32>) -> tensor<2x6xf32>
// CHECK:       lcp.reshape %arg0 : (tensor<4x3xf32>) -> tensor<4x3x1x1xf32>
func.func @not_flatten(%x: tensor<4x3xf32>) -> (tensor<2x6xf32>, tensor<4x3x1x1xf32>) {
  %0 = lcp.reshape %x : (tensor<4x3xf32>) -> tensor<2x6xf32>
  %1 = lcp.reshape %x : (tensor<4x3xf32>) -> tensor<4x3x1x1xf32>
  return %0, %1 : tensor<2x6xf32>, tensor<4x3x1x1xf32>
}

// CHECK-LABEL: func @transposes
// CHECK-NEXT:  %[[Y:.*]] = lcp.transpose %arg0 {permutation = array<i64: 2, 0, 1>}
// CHECK-NEXT:  return %[[Y]], %arg0
func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  %0 = lcp.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %1 = lcp.transpose %0 {permutation = array<i64: 1, 2, 0>} : (tensor<3x4x2xf32>) -> tensor<4x2x3xf32>
  %2 = lcp.transpose %1 {permutation = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  return %1, %2 : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// Nothing moves when only dimensions of size 1 do.
// CHECK-LABEL: func @transpose_of_ones
// CHECK-NEXT:  lcp.reshape %arg0 : (tensor<1x4x1x1xf32>) -> tensor<1x1x1x4xf32>
func.func @transpose_of_ones(%x: tensor<1x4x1x1xf32>) -> tensor<1x1x1x4xf32> {
  %0 = lcp.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x1x1xf32>) -> tensor<1x1x1x4xf32>
  return %0 : tensor<1x1x1x4xf32>
}

// With the image as two dimensions, and as one.
// CHECK-LABEL: func @channel_shuffle
// CHECK-NEXT:  lcp.channel_shuffle %arg0 {groups = 2 : i64} : tensor<1x6x4x4xf32>
// CHECK-NEXT:  lcp.channel_shuffle %{{.*}} {groups = 3 : i64} : tensor<1x6x4x4xf32>
// CHECK-NEXT:  return
func.func @channel_shuffle(%x: tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32> {
  %0 = lcp.reshape %x : (tensor<1x6x4x4xf32>) -> tensor<1x2x3x4x4xf32>
  %1 = lcp.transpose %0 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x3x4x4xf32>) -> tensor<1x3x2x4x4xf32>
  %2 = lcp.reshape %1 : (tensor<1x3x2x4x4xf32>) -> tensor<1x6x4x4xf32>
  %3 = lcp.reshape %2 : (tensor<1x6x4x4xf32>) -> tensor<1x3x2x16xf32>
  %4 = lcp.transpose %3 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x3x2x16xf32>) -> tensor<1x2x3x16xf32>
  %5 = lcp.reshape %4 : (tensor<1x2x3x16xf32>) -> tensor<1x6x4x4xf32>
  return %5 : tensor<1x6x4x4xf32>
}

// Pixels move between channels: another reordering.
// CHECK-LABEL: func @no_channel_shuffle
// CHECK-NOT:   lcp.channel_shuffle
func.func @no_channel_shuffle(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  %0 = lcp.reshape %x : (tensor<1x4x2x2xf32>) -> tensor<1x8x2x1xf32>
  %1 = lcp.transpose %0 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x8x2x1xf32>) -> tensor<1x2x8x1xf32>
  %2 = lcp.reshape %1 : (tensor<1x2x8x1xf32>) -> tensor<1x4x2x2xf32>
  return %2 : tensor<1x4x2x2xf32>
}

// CHECK-LABEL: func @joined_slices
// CHECK-NEXT:  %[[S:.*]] = lcp.slice %arg0 {begin = 1 : i64, end = 4 : i64} : (tensor<1x4xf32>) -> tensor<1x3xf32>
// CHECK-NEXT:  return %arg0, %[[S]]
func.func @joined_slices(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x3xf32>) {
  %0 = lcp.slice %x {begin = 0 : i64, end = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x1xf32>
  %1 = lcp.slice %x {begin = 1 : i64, end = 3 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
  %2 = lcp.slice %x {begin = 3 : i64, end = 4 : i64} : (tensor<1x4xf32>) -> tensor<1x1xf32>
  %3 = lcp.concat %0, %1, %2 : (tensor<1x1xf32>, tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x4xf32>
  %4 = lcp.concat %1, %2 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  return %3, %4 : tensor<1x4xf32>, tensor<1x3xf32>
}

// In another order they stay.
// CHECK-LABEL: func @exchanged_slices
// CHECK:       lcp.concat
func.func @exchanged_slices(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = lcp.slice %x {begin = 0 : i64, end = 2 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
  %1 = lcp.slice %x {begin = 2 : i64, end = 4 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
  %2 = lcp.concat %1, %0 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
