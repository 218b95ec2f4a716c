// RUN: lcp-opt --convert-lcp-to-gemm --split-input-file %s | FileCheck %s

// A dense layer after a flatten is a convolution over the whole feature map.
// CHECK-LABEL: func @layers
// CHECK: %[[X:.*]] = gemm.load %arg0 {scale = 1.000000e-01 : f32} : (tensor<1x2x4x4xf32>) -> memref<1x4x4x2xi8>
// CHECK: %[[C:.*]] = gemm.alloc : memref<1x4x4x3xi8>
// CHECK: gemm.conv %[[X]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} into %[[C]] {min = 0 : i32, pads = array<i64: 1, 1>}
// CHECK: %[[P:.*]] = gemm.alloc : memref<1x2x2x3xi8>
// CHECK: gemm.max_pool %[[C]] into %[[P]] {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>}
// CHECK: %[[W:.*]] = lcp.reshape %{{.*}} : (tensor<5x12xi8>) -> tensor<5x3x2x2xi8>
// CHECK: gemm.conv %[[P]], %[[W]], {{.*}} memref<1x2x2x3xi8>, tensor<5x3x2x2xi8>
// CHECK: %[[R:.*]] = gemm.store %{{.*}} {scale = 2.000000e-01 : f32} : (memref<1x1x1x5xi8>) -> tensor<1x5xf32>
// CHECK: return %[[R]]
func.func @layers(%x: tensor<1x2x4x4xf32>) -> tensor<1x5xf32> {
  %q = lcp.quantize %x {scale = 0.1 : f32} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xi8>
  %w = lcp.constant dense<1> : tensor<3x2x3x3xi8>
  %b = lcp.constant dense<[1, 2, 3]> : tensor<3xi32>
  %0 = lcp.conv2d %q, %w, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xi8>, tensor<3x2x3x3xi8>, tensor<3xi32>) -> tensor<1x3x4x4xi32>
  %1 = lcp.requantize %0, %b, %b {min = 0 : i32} : (tensor<1x3x4x4xi32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x3x4x4xi8>
  %2 = lcp.max_pool2d %1 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x3x4x4xi8>) -> tensor<1x3x2x2xi8>
  %3 = lcp.flatten %2 : (tensor<1x3x2x2xi8>) -> tensor<1x12xi8>
  %w2 = lcp.constant dense<1> : tensor<5x12xi8>
  %s = lcp.constant dense<7> : tensor<1xi32>
  %4 = lcp.dense %3, %w2 : (tensor<1x12xi8>, tensor<5x12xi8>) -> tensor<1x5xi32>
  %5 = lcp.requantize %4, %s, %s : (tensor<1x5xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x5xi8>
  %6 = lcp.dequantize %5 {scale = 0.2 : f32} : (tensor<1x5xi8>) -> tensor<1x5xf32>
  return %6 : tensor<1x5xf32>
}

// -----

// An i8 value crosses as it is; means and sums keep their one factor; a
// concatenation is copies into one feature map; sums with two readers are made twice.
// CHECK-LABEL: func @joins
// CHECK: %[[X:.*]] = gemm.load %arg0 : (tensor<1x2x4x4xi8>) -> memref<1x4x4x2xi8>
// CHECK: gemm.add %[[X]], %[[X]] into %[[A:.*]] {factors = array<i32: 5, -6>, shift = 9 : i32}
// CHECK: gemm.add %[[X]], %[[X]] into %[[B:.*]] {factors = array<i32: 5, -6>, min = 0 : i32, shift = 9 : i32}
// CHECK: %[[ALL:.*]] = gemm.alloc : memref<1x4x4x4xi8>
// CHECK: %[[LOW:.*]] = memref.subview %[[ALL]][0, 0, 0, 0]
// CHECK: memref.copy %[[A]], %[[LOW]]
// CHECK: %[[HIGH:.*]] = memref.subview %[[ALL]][0, 0, 0, 2]
// CHECK: memref.copy %[[B]], %[[HIGH]]
// CHECK: gemm.sum_pool %[[ALL]] into %{{.*}} {factor = 3 : i32, kernel = array<i64: 4, 4>, shift = 9 : i32}
// CHECK: gemm.store %{{.*}} : (memref<1x1x1x4xi8>) -> tensor<1x4x1x1xi8>
func.func @joins(%x: tensor<1x2x4x4xi8>) -> tensor<1x4x1x1xi8> {
  %one = lcp.constant dense<1> : tensor<1xi32>
  %three = lcp.constant dense<3> : tensor<1xi32>
  %nine = lcp.constant dense<9> : tensor<1xi32>
  %0 = lcp.scaled_sum %x, %x {weights = array<i32: 5, -6>} : (tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>) -> tensor<1x2x4x4xi32>
  %1 = lcp.requantize %0, %one, %nine : (tensor<1x2x4x4xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x2x4x4xi8>
  %2 = lcp.requantize %0, %one, %nine {min = 0 : i32} : (tensor<1x2x4x4xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x2x4x4xi8>
  %3 = lcp.concat %1, %2 : (tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>) -> tensor<1x4x4x4xi8>
  %4 = lcp.global_avg_pool %3 : (tensor<1x4x4x4xi8>) -> tensor<1x4x1x1xi32>
  %5 = lcp.requantize %4, %three, %nine : (tensor<1x4x1x1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x4x1x1xi8>
  return %5 : tensor<1x4x1x1xi8>
}
