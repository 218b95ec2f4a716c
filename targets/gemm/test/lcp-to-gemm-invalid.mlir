// RUN: lcp-opt --convert-lcp-to-gemm --split-input-file --verify-diagnostics %s

func.func @float(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error@+1 {{'lcp.sigmoid' is floating-point; the engine is not}}
  %0 = lcp.sigmoid %x : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

func.func @no_command(%x: tensor<1x4x2x2xi8>) -> tensor<1x2x2x4xi8> {
  // expected-error@+1 {{'lcp.transpose' has no command on the engine}}
  %0 = lcp.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x2x2xi8>) -> tensor<1x2x2x4xi8>
  return %0 : tensor<1x2x2x4xi8>
}

// -----

func.func @reshape(%x: tensor<1x4x2x2xi8>) -> tensor<1x2x4x2xi8> {
  // expected-error@+1 {{moves values within a feature map, which the engine cannot}}
  %0 = lcp.reshape %x : (tensor<1x4x2x2xi8>) -> tensor<1x2x4x2xi8>
  return %0 : tensor<1x2x4x2xi8>
}

// -----

func.func @loose_sums(%x: tensor<1x4xi32>) -> tensor<1x4xi8> {
  %s = lcp.constant dense<1> : tensor<1xi32>
  // expected-error@+1 {{requantises what is not the sums of a layer}}
  %0 = lcp.requantize %x, %s, %s : (tensor<1x4xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x4xi8>
  return %0 : tensor<1x4xi8>
}

// -----

func.func @sum_multiplier(%x: tensor<1x4xi8>) -> tensor<1x4xi8> {
  %s = lcp.constant dense<2> : tensor<1xi32>
  %0 = lcp.scaled_sum %x {weights = array<i32: 5>} : (tensor<1x4xi8>) -> tensor<1x4xi32>
  // expected-error@+1 {{of a sum must have a multiplier of 1}}
  %1 = lcp.requantize %0, %s, %s : (tensor<1x4xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x4xi8>
  return %1 : tensor<1x4xi8>
}

// -----

func.func @concat_rows(%x: tensor<1x4x2x2xi8>) -> tensor<1x4x4x2xi8> {
  // expected-error@+1 {{must be along the channels}}
  %0 = lcp.concat %x, %x {axis = 2 : i64} : (tensor<1x4x2x2xi8>, tensor<1x4x2x2xi8>) -> tensor<1x4x4x2xi8>
  return %0 : tensor<1x4x4x2xi8>
}

// -----

func.func @rank(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{quantises a value that no driver can load: it must be an argument of rank 2 or 4}}
  %0 = lcp.quantize %x {scale = 1.0 : f32} : (tensor<4xf32>) -> tensor<4xi8>
  %1 = lcp.dequantize %0 {scale = 1.0 : f32} : (tensor<4xi8>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
