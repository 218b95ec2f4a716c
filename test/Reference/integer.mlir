// RUN: lcp-reference %s | FileCheck %s
// RUN: not lcp-reference %S/Inputs/bad-shift.mlir 2>&1 | FileCheck %s --check-prefix=SHIFT
// RUN: not lcp-reference %S/Inputs/bad-pad.mlir 2>&1 | FileCheck %s --check-prefix=PAD
// Every value is worked out by hand (docs/numerics.md).

// 0.5, 1.5 and 2.5 go to the even neighbour; the rest clamps.
// CHECK: @quantize: tensor<6xi8> [0, 2, 2, -2, 127, -127]
func.func @quantize() -> tensor<6xi8> {
  %x = lcp.constant dense<[0.25, 0.75, 1.25, -0.75, 1.0e9, -64.0]> : tensor<6xf32>
  %y = lcp.quantize %x {scale = 0.5 : f32} : (tensor<6xf32>) -> tensor<6xi8>
  return %y : tensor<6xi8>
}

// CHECK: @dequantize: tensor<2xf32> [-63.5, 1.5]
func.func @dequantize() -> tensor<2xf32> {
  %x = lcp.constant dense<[-127, 3]> : tensor<2xi8>
  %y = lcp.dequantize %x {scale = 0.5 : f32} : (tensor<2xi8>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// Channel 0: 3x/4. Half goes up: 6*3/4 = 4.5 to 5, -6*3/4 = -4.5 to -4.
// Channel 1: x, with shift 0, clamped.
// CHECK: @requantize: tensor<1x2x1x2xi8> [5, -4, 100, -127]
func.func @requantize() -> tensor<1x2x1x2xi8> {
  %x = lcp.constant dense<[[[[6, -6]], [[100, -128]]]]> : tensor<1x2x1x2xi32>
  %m = lcp.constant dense<[3, 1]> : tensor<2xi32>
  %s = lcp.constant dense<[2, 0]> : tensor<2xi32>
  %y = lcp.requantize %x, %m, %s : (tensor<1x2x1x2xi32>, tensor<2xi32>, tensor<2xi32>) -> tensor<1x2x1x2xi8>
  return %y : tensor<1x2x1x2xi8>
}

// The product is taken in 64 bits: (2^31-1)^2 / 2^62 rounds to 1.
// CHECK: @requantize_wide: tensor<1x2xi8> [1, 0]
func.func @requantize_wide() -> tensor<1x2xi8> {
  %x = lcp.constant dense<[[2147483647, -5]]> : tensor<1x2xi32>
  %m = lcp.constant dense<2147483647> : tensor<1xi32>
  %s = lcp.constant dense<62> : tensor<1xi32>
  %y = lcp.requantize %x, %m, %s {min = 0 : i32} : (tensor<1x2xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x2xi8>
  return %y : tensor<1x2xi8>
}

// CHECK: @scaled_sum: tensor<2xi32> [-127, 6]
func.func @scaled_sum() -> tensor<2xi32> {
  %a = lcp.constant dense<[-127, 3]> : tensor<2xi8>
  %b = lcp.constant dense<[127, 0]> : tensor<2xi8>
  %y = lcp.scaled_sum %a, %b {weights = array<i32: 2, 1>} : (tensor<2xi8>, tensor<2xi8>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// SHIFT: bad-shift.mlir:5:8: 'lcp.requantize' op shift 63 is not in [0, 62]
// PAD: bad-pad.mlir:3:8: 'lcp.pad' op cannot pad 'tensor<3xi8>' with -INF
