// RUN: lcp-opt --gemm-mark-unsupported --split-input-file %s | FileCheck %s

// What lcp-quantize would make integer, but the engine has no command for.
// CHECK-LABEL: func @marked
func.func @marked(%x: tensor<1x4x8x8xf32>) {
  // CHECK: lcp.transpose {{.*}}keep_float = "the engine does not move values within a feature map"
  %0 = lcp.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
  // CHECK: lcp.channel_shuffle {{.*}}keep_float = "the engine does not move values within a feature map"
  %8 = lcp.channel_shuffle %x {groups = 2 : i64} : tensor<1x4x8x8xf32>
  // CHECK: lcp.pad {{.*}}keep_float = "the engine does not move values within a feature map"
  %1 = lcp.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x10x10xf32>
  // CHECK: lcp.concat {{.*}}keep_float
  %2 = lcp.concat %x, %x {axis = 2 : i64} : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x16x8xf32>
  // CHECK: lcp.max_pool2d {{.*}}keep_float = "the engine has no dilated pool over padding"
  %3 = lcp.max_pool2d %x {kernel = array<i64: 3, 3>, dilations = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  %4 = lcp.flatten %x : (tensor<1x4x8x8xf32>) -> tensor<1x256xf32>
  // Flattened feature maps are joined in an order that no feature map has.
  // CHECK: lcp.concat {{.*}}keep_float
  %5 = lcp.concat %4, %4 : (tensor<1x256xf32>, tensor<1x256xf32>) -> tensor<1x512xf32>
  // CHECK: lcp.reshape {{.*}}keep_float
  %6 = lcp.reshape %x : (tensor<1x4x8x8xf32>) -> tensor<1x8x4x8xf32>
  // CHECK: lcp.reshape {{.*}}keep_float = "the engine works on tensors of rank 2 and 4"
  %9 = lcp.reshape %x : (tensor<1x4x8x8xf32>) -> tensor<4x8x8xf32>
  // A reason that is there already stays.
  // CHECK: lcp.transpose {{.*}}keep_float = "mine"
  %7 = lcp.transpose %x {permutation = array<i64: 0, 1, 3, 2>, lcp.keep_float = "mine"} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

// CHECK-LABEL: func @kept
// CHECK-NOT: keep_float
func.func @kept(%x: tensor<1x4x8x8xf32>) {
  %w = lcp.constant dense<1.0> : tensor<3x256xf32>
  %0 = lcp.relu %x : tensor<1x4x8x8xf32>
  %1 = lcp.add %0, %x : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %2 = lcp.flatten %1 : (tensor<1x4x8x8xf32>) -> tensor<1x256xf32>
  %3 = lcp.reshape %2 : (tensor<1x256xf32>) -> tensor<1x4x8x8xf32>
  %4 = lcp.dense %2, %w : (tensor<1x256xf32>, tensor<3x256xf32>) -> tensor<1x3xf32>
  %5 = lcp.concat %4, %4 : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x6xf32>
  %6 = lcp.slice %3 {begin = 1 : i64, end = 3 : i64} : (tensor<1x4x8x8xf32>) -> tensor<1x2x8x8xf32>
  return
}
