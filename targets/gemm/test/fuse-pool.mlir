// RUN: lcp-opt --gemm-fuse-pool --split-input-file %s | FileCheck %s

// CHECK-LABEL: func @fused
// CHECK: %[[OUT:.*]] = gemm.alloc : memref<1x2x2x4xi8>
// CHECK-NEXT: gemm.conv %{{.*}} into %[[OUT]] {pool_kernel = array<i64: 2, 1>, pool_strides = array<i64: 2, 2>}
// CHECK-NOT: gemm.max_pool
func.func @fused(%x: tensor<1x4x4x4xi8>) -> tensor<1x4x2x2xi8> {
  %w = lcp.constant dense<1> : tensor<4x4x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %0 = gemm.load %x : (tensor<1x4x4x4xi8>) -> memref<1x4x4x4xi8>
  %1 = gemm.alloc : memref<1x4x4x4xi8>
  gemm.conv %0, %w, %c, %c, %c into %1 : memref<1x4x4x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x4x4x4xi8>
  %2 = gemm.alloc : memref<1x2x2x4xi8>
  gemm.max_pool %1 into %2 {kernel = array<i64: 2, 1>, strides = array<i64: 2, 2>} : memref<1x4x4x4xi8>, memref<1x2x2x4xi8>
  %3 = gemm.store %2 : (memref<1x2x2x4xi8>) -> tensor<1x4x2x2xi8>
  return %3 : tensor<1x4x2x2xi8>
}

// -----

// Overlapping windows, or another reader of the feature map between: not fused.
// CHECK-LABEL: func @not_fused
// CHECK: gemm.conv
// CHECK-NOT: pool_kernel
// CHECK: gemm.max_pool
// CHECK: gemm.conv
// CHECK-NOT: pool_kernel
// CHECK: gemm.max_pool
func.func @not_fused(%x: tensor<1x4x4x4xi8>) -> (tensor<1x4x2x2xi8>, tensor<1x4x2x2xi8>, tensor<1x4x4x4xi8>) {
  %w = lcp.constant dense<1> : tensor<4x4x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %0 = gemm.load %x : (tensor<1x4x4x4xi8>) -> memref<1x4x4x4xi8>
  %1 = gemm.alloc : memref<1x4x4x4xi8>
  gemm.conv %0, %w, %c, %c, %c into %1 : memref<1x4x4x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x4x4x4xi8>
  %2 = gemm.alloc : memref<1x2x2x4xi8>
  gemm.max_pool %1 into %2 {kernel = array<i64: 3, 3>} : memref<1x4x4x4xi8>, memref<1x2x2x4xi8>
  %3 = gemm.alloc : memref<1x4x4x4xi8>
  gemm.conv %0, %w, %c, %c, %c into %3 : memref<1x4x4x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x4x4x4xi8>
  %4 = gemm.alloc : memref<1x2x2x4xi8>
  gemm.max_pool %3 into %4 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : memref<1x4x4x4xi8>, memref<1x2x2x4xi8>
  %5 = gemm.store %2 : (memref<1x2x2x4xi8>) -> tensor<1x4x2x2xi8>
  %6 = gemm.store %4 : (memref<1x2x2x4xi8>) -> tensor<1x4x2x2xi8>
  %7 = gemm.store %3 : (memref<1x4x4x4xi8>) -> tensor<1x4x4x4xi8>
  return %5, %6, %7 : tensor<1x4x2x2xi8>, tensor<1x4x2x2xi8>, tensor<1x4x4x4xi8>
}
