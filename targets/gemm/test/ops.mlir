// RUN: lcp-opt %s | lcp-opt | FileCheck %s
// RUN: lcp-opt %s --emit-bytecode | lcp-opt | FileCheck %s

// CHECK-LABEL: func @commands
func.func @commands(%x: tensor<1x3x8x8xf32>, %y: tensor<1x4xi8>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1> : tensor<4x3x3x3xi8>
  %c = lcp.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  // CHECK: %[[X:.*]] = gemm.load %{{.*}} {scale = 5.000000e-01 : f32} : (tensor<1x3x8x8xf32>) -> memref<1x8x8x3xi8>
  %0 = gemm.load %x {scale = 0.5 : f32} : (tensor<1x3x8x8xf32>) -> memref<1x8x8x3xi8>
  // CHECK: gemm.load %{{.*}} {address = 64 : i64} : (tensor<1x4xi8>) -> memref<1x1x1x4xi8>
  %1 = gemm.load %y {address = 64 : i64} : (tensor<1x4xi8>) -> memref<1x1x1x4xi8>
  // CHECK: %[[WHOLE:.*]] = gemm.alloc : memref<1x4x4x8xi8>
  %2 = gemm.alloc : memref<1x4x4x8xi8>
  // CHECK: %[[HALF:.*]] = memref.subview %[[WHOLE]][0, 0, 0, 4] [1, 4, 4, 4] [1, 1, 1, 1] : memref<1x4x4x8xi8> to memref<1x4x4x4xi8, strided<[128, 32, 8, 1], offset: 4>>
  %3 = memref.subview %2[0, 0, 0, 4] [1, 4, 4, 4] [1, 1, 1, 1] : memref<1x4x4x8xi8> to memref<1x4x4x4xi8, strided<[128, 32, 8, 1], offset: 4>>
  // CHECK: gemm.conv %[[X]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} into %[[HALF]] {min = 0 : i32, pads = array<i64: 1, 1>, pool_kernel = array<i64: 2, 2>, pool_strides = array<i64: 2, 2>} :
  gemm.conv %0, %w, %c, %c, %c into %3 {pads = array<i64: 1, 1>, min = 0 : i32, pool_kernel = array<i64: 2, 2>, pool_strides = array<i64: 2, 2>}
    : memref<1x8x8x3xi8>, tensor<4x3x3x3xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x4x4x4xi8, strided<[128, 32, 8, 1], offset: 4>>
  %4 = memref.subview %2[0, 0, 0, 0] [1, 4, 4, 4] [1, 1, 1, 1] : memref<1x4x4x8xi8> to memref<1x4x4x4xi8, strided<[128, 32, 8, 1]>>
  // CHECK: memref.copy
  memref.copy %3, %4 : memref<1x4x4x4xi8, strided<[128, 32, 8, 1], offset: 4>> to memref<1x4x4x4xi8, strided<[128, 32, 8, 1]>>
  %5 = gemm.alloc : memref<1x4x4x4xi8>
  // CHECK: gemm.add %{{.*}}, %{{.*}} into %{{.*}} {factors = array<i32: 2, -1>, shift = 1 : i32} :
  gemm.add %3, %4 into %5 {factors = array<i32: 2, -1>, shift = 1 : i32}
    : memref<1x4x4x4xi8, strided<[128, 32, 8, 1], offset: 4>>, memref<1x4x4x4xi8, strided<[128, 32, 8, 1]>> into memref<1x4x4x4xi8>
  %6 = gemm.alloc : memref<1x2x2x4xi8>
  // CHECK: gemm.max_pool
  gemm.max_pool %5 into %6 {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1>, strides = array<i64: 2, 2>} : memref<1x4x4x4xi8>, memref<1x2x2x4xi8>
  // CHECK: memref.reinterpret_cast %{{.*}} : memref<1x2x2x4xi8> to memref<1x1x1x16xi8>
  %7 = memref.reinterpret_cast %6 to offset: [0], sizes: [1, 1, 1, 16], strides: [16, 16, 16, 1] : memref<1x2x2x4xi8> to memref<1x1x1x16xi8>
  %8 = gemm.alloc : memref<1x1x1x4xi8>
  // CHECK: gemm.sum_pool
  gemm.sum_pool %6 into %8 {kernel = array<i64: 2, 2>, factor = 16384 : i32, shift = 16 : i32} : memref<1x2x2x4xi8>, memref<1x1x1x4xi8>
  // CHECK: gemm.store %{{.*}} {scale = 2.500000e-01 : f32} : (memref<1x1x1x4xi8>) -> tensor<1x4xf32>
  %9 = gemm.store %8 {scale = 0.25 : f32} : (memref<1x1x1x4xi8>) -> tensor<1x4xf32>
  return %9 : tensor<1x4xf32>
}
