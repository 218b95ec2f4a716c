// RUN: lcp-opt --gemm-fold-copies %s | FileCheck %s

// The pool writes into the concatenation; a loaded image has its own place, and
// an image can be made in one place only, so those copies stay.
// CHECK-LABEL: func @concat
// CHECK: %[[ALL:.*]] = gemm.alloc : memref<1x2x2x12xi8>
// CHECK: %[[FIRST:.*]] = gemm.channels %[[ALL]] from 0
// CHECK: gemm.max_pool %[[X:.*]] into %[[FIRST]]
// CHECK: %[[SECOND:.*]] = gemm.channels %[[ALL]] from 4
// CHECK: gemm.copy %[[FIRST]] into %[[SECOND]]
// CHECK: %[[THIRD:.*]] = gemm.channels %[[ALL]] from 8
// CHECK: gemm.copy %[[X]] into %[[THIRD]]
// CHECK-NOT: gemm.alloc
func.func @concat(%x: tensor<1x4x2x2xi8>) -> tensor<1x12x2x2xi8> {
  %0 = gemm.load %x : (tensor<1x4x2x2xi8>) -> memref<1x2x2x4xi8>
  %1 = gemm.alloc : memref<1x2x2x4xi8>
  gemm.max_pool %0 into %1 {kernel = array<i64: 1, 1>} : memref<1x2x2x4xi8>, memref<1x2x2x4xi8>
  %2 = gemm.alloc : memref<1x2x2x12xi8>
  %3 = gemm.channels %2 from 0 : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1]>>
  gemm.copy %1 into %3 : memref<1x2x2x4xi8>, memref<1x2x2x4xi8, strided<[48, 24, 12, 1]>>
  %4 = gemm.channels %2 from 4 : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 4>>
  gemm.copy %1 into %4 : memref<1x2x2x4xi8>, memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 4>>
  %5 = gemm.channels %2 from 8 : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 8>>
  gemm.copy %0 into %5 : memref<1x2x2x4xi8>, memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 8>>
  %6 = gemm.store %2 : (memref<1x2x2x12xi8>) -> tensor<1x12x2x2xi8>
  return %6 : tensor<1x12x2x2xi8>
}
