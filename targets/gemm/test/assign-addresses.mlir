// RUN: lcp-opt --gemm-assign-addresses %s | FileCheck %s

// The second feature map lives beside the first, whose place the third then takes; the
// loaded one is there from the start, the stored one until the end.
// CHECK-LABEL: func @chain
func.func @chain(%x: tensor<1x100x1x1xi8>) -> tensor<1x30x1x1xi8> {
  // CHECK: gemm.load %{{.*}} {address = 256 : i64}
  %0 = gemm.load %x : (tensor<1x100x1x1xi8>) -> memref<1x1x1x100xi8>
  // CHECK: gemm.alloc {address = 0 : i64} : memref<1x1x1x200xi8>
  %1 = gemm.alloc : memref<1x1x1x200xi8>
  %2 = memref.subview %1[0, 0, 0, 0] [1, 1, 1, 100] [1, 1, 1, 1] : memref<1x1x1x200xi8> to memref<1x1x1x100xi8, strided<[200, 200, 200, 1]>>
  memref.copy %0, %2 : memref<1x1x1x100xi8> to memref<1x1x1x100xi8, strided<[200, 200, 200, 1]>>
  // CHECK: gemm.alloc {address = 256 : i64} : memref<1x1x1x50xi8>
  %3 = gemm.alloc : memref<1x1x1x50xi8>
  %4 = memref.subview %1[0, 0, 0, 7] [1, 1, 1, 50] [1, 1, 1, 1] : memref<1x1x1x200xi8> to memref<1x1x1x50xi8, strided<[200, 200, 200, 1], offset: 7>>
  memref.copy %4, %3 : memref<1x1x1x50xi8, strided<[200, 200, 200, 1], offset: 7>> to memref<1x1x1x50xi8>
  // CHECK: gemm.alloc {address = 0 : i64} : memref<1x1x1x30xi8>
  %5 = gemm.alloc : memref<1x1x1x30xi8>
  %6 = memref.subview %3[0, 0, 0, 0] [1, 1, 1, 30] [1, 1, 1, 1] : memref<1x1x1x50xi8> to memref<1x1x1x30xi8, strided<[50, 50, 50, 1]>>
  memref.copy %6, %5 : memref<1x1x1x30xi8, strided<[50, 50, 50, 1]>> to memref<1x1x1x30xi8>
  %7 = gemm.store %5 : (memref<1x1x1x30xi8>) -> tensor<1x30x1x1xi8>
  return %7 : tensor<1x30x1x1xi8>
}
