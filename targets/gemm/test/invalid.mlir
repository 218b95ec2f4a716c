// RUN: lcp-opt --split-input-file --verify-diagnostics %s

func.func @alloc() {
  // expected-error@+1 {{must be a static, dense feature map (C1)}}
  %0 = gemm.alloc : memref<1x2x2x4xi8, strided<[64, 32, 8, 1]>>
  return
}

// -----

func.func @load_size(%x: tensor<1x3xf32>) {
  // expected-error@+1 {{cannot move 'tensor<1x3xf32>' to or from 'memref<1x1x1x4xi8>' (C1)}}
  %0 = gemm.load %x {scale = 0.5 : f32} : (tensor<1x3xf32>) -> memref<1x1x1x4xi8>
  return
}

// -----

func.func @load_scale(%x: tensor<1x3xf32>) {
  // expected-error@+1 {{needs a scale for f32, and none for i8 (C2)}}
  %0 = gemm.load %x : (tensor<1x3xf32>) -> memref<1x1x1x3xi8>
  return
}

// -----

func.func @conv_channels() {
  %w = lcp.constant dense<1> : tensor<4x3x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  // expected-error@+1 {{in 1 groups cannot give 'memref<1x2x2x4xi8>' (C2)}}
  gemm.conv %0, %w, %c, %c, %c into %0 : memref<1x2x2x4xi8>, tensor<4x3x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x2x2x4xi8>
  return
}

// -----

func.func @conv_strides() {
  %w = lcp.constant dense<1> : tensor<4x4x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  // expected-error@+1 {{needs pairs of positive strides, dilations and pools, and of pads (C1)}}
  gemm.conv %0, %w, %c, %c, %c into %0 {strides = array<i64: 0, 1>} : memref<1x2x2x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x2x2x4xi8>
  return
}

// -----

func.func @conv_table() {
  %w = lcp.constant dense<1> : tensor<4x4x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %d = lcp.constant dense<1> : tensor<3xi32>
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  // expected-error@+1 {{needs 1 or 4 multipliers and shifts (C3)}}
  gemm.conv %0, %w, %c, %d, %c into %0 : memref<1x2x2x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<3xi32>, tensor<4xi32>, memref<1x2x2x4xi8>
  return
}

// -----

func.func @conv_range() {
  %w = lcp.constant dense<1> : tensor<4x4x1x1xi8>
  %c = lcp.constant dense<1> : tensor<4xi32>
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  // expected-error@+1 {{range [-128, 127] does not lie in [-127, 127] (C4)}}
  gemm.conv %0, %w, %c, %c, %c into %0 {min = -128 : i32} : memref<1x2x2x4xi8>, tensor<4x4x1x1xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x2x2x4xi8>
  return
}

// -----

func.func @pool() {
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  %1 = gemm.alloc : memref<1x2x2x5xi8>
  // expected-error@+1 {{cannot pool 'memref<1x2x2x4xi8>' to 'memref<1x2x2x5xi8>' (C2)}}
  gemm.max_pool %0 into %1 {kernel = array<i64: 1, 1>} : memref<1x2x2x4xi8>, memref<1x2x2x5xi8>
  return
}

// -----

func.func @add() {
  %0 = gemm.alloc : memref<1x2x2x4xi8>
  // expected-error@+1 {{needs one or two inputs of the output's shape and a factor for each (C1)}}
  gemm.add %0, %0 into %0 {factors = array<i32: 1>, shift = 0 : i32} : memref<1x2x2x4xi8>, memref<1x2x2x4xi8> into memref<1x2x2x4xi8>
  return
}
