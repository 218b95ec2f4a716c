// RUN: lcp-opt --gemm-fold-copies %s | FileCheck %s

// The pool writes into the concatenation; a loaded feature map has its own place, and
// a feature map can be made in one place only, so those copies stay.
// CHECK-LABEL: func @concat
// CHECK: %[[ALL:.*]] = gemm.alloc : memref<1x2x2x12xi8>
// CHECK: %[[FIRST:.*]] = memref.subview %[[ALL]][0, 0, 0, 0]
// CHECK: gemm.max_pool %[[X:.*]] into %[[FIRST]]
// CHECK: %[[SECOND:.*]] = memref.subview %[[ALL]][0, 0, 0, 4]
// CHECK: memref.copy %[[FIRST]], %[[SECOND]]
// CHECK: %[[THIRD:.*]] = memref.subview %[[ALL]][0, 0, 0, 8]
// CHECK: memref.copy %[[X]], %[[THIRD]]
// CHECK-NOT: gemm.alloc
func.func @concat(%x: tensor<1x4x2x2xi8>) -> tensor<1x12x2x2xi8> {
  %0 = gemm.load %x : (tensor<1x4x2x2xi8>) -> memref<1x2x2x4xi8>
  %1 = gemm.alloc : memref<1x2x2x4xi8>
  gemm.max_pool %0 into %1 {kernel = array<i64: 1, 1>} : memref<1x2x2x4xi8>, memref<1x2x2x4xi8>
  %2 = gemm.alloc : memref<1x2x2x12xi8>
  %3 = memref.subview %2[0, 0, 0, 0] [1, 2, 2, 4] [1, 1, 1, 1] : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1]>>
  memref.copy %1, %3 : memref<1x2x2x4xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1]>>
  %4 = memref.subview %2[0, 0, 0, 4] [1, 2, 2, 4] [1, 1, 1, 1] : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 4>>
  memref.copy %1, %4 : memref<1x2x2x4xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 4>>
  %5 = memref.subview %2[0, 0, 0, 8] [1, 2, 2, 4] [1, 1, 1, 1] : memref<1x2x2x12xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 8>>
  memref.copy %0, %5 : memref<1x2x2x4xi8> to memref<1x2x2x4xi8, strided<[48, 24, 12, 1], offset: 8>>
  %6 = gemm.store %2 : (memref<1x2x2x12xi8>) -> tensor<1x12x2x2xi8>
  return %6 : tensor<1x12x2x2xi8>
}
