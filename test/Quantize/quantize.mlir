// RUN: lcp-opt --lcp-quantize --split-input-file %s | FileCheck %s

// Worked out by hand: the input's scale is 2.54 / 127 = 0.02, channel 1's weight
// scale 1.27 / 127 = 0.01, so one unit of its accumulator is 0.0002; channel 0's
// is ten times that. The output's scale is 12.7 / 127 = 0.1, so channel 0's
// factor is 0.02 = 20972 / 2^20 and channel 1's 0.002 = 16777 / 2^23.
// CHECK-LABEL: func @conv_relu
// CHECK: %[[Q:.*]] = lcp.quantize %{{.*}} {scale = 2.000000e-02 : f32}
// CHECK: %[[A:.*]] = lcp.conv2d %[[Q]], %{{.*}}, %{{.*}} {strides = array<i64: 2, 2>} : (tensor<1x1x4x4xi8>, tensor<2x1x1x1xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
// CHECK: %[[M:.*]] = lcp.constant dense<[20972, 16777]> : tensor<2xi32>
// CHECK: %[[S:.*]] = lcp.constant dense<[20, 23]> : tensor<2xi32>
// CHECK: %[[R:.*]] = lcp.requantize %[[A]], %[[M]], %[[S]] {min = 0 : i32}
// CHECK: %[[D:.*]] = lcp.dequantize %[[R]] {scale = 1.000000e-01 : f32}
// CHECK-NEXT: return %[[D]]
func.func @conv_relu(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x2x2xf32> {
  %w = lcp.constant dense<[[[[12.7]]], [[[-1.27]]]]> : tensor<2x1x1x1xf32>
  %b = lcp.constant dense<[0.2, -0.02]> : tensor<2xf32>
  %0 = lcp.conv2d %x, %w, %b {strides = array<i64: 2, 2>, lcp.max_abs = array<f32: 2.54, 0.0, 0.0, 30.0>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %1 = lcp.relu %0 {lcp.max_abs = array<f32: 30.0, 12.7>} : tensor<1x2x2x2xf32>
  return %1 : tensor<1x2x2x2xf32>
}
// The blobs: 4 bytes of alignment, then 127, -127; then the bias, 100 each.
// CHECK: weight_i8: "0x{{........}}7F81"
// CHECK: bias_i32: "0x{{........}}640000009CFFFFFF"

// -----

// A residual addition rounds once; sums without users that need them are not
// requantised; relu6 is a bound.
// CHECK-LABEL: func @residual
// CHECK: %[[A:.*]] = lcp.conv2d
// CHECK: %[[C:.*]] = lcp.requantize %[[A]], %{{.*}}, %{{.*}} {max = 60 : i32, min = 0 : i32}
// CHECK: %[[SUM:.*]] = lcp.scaled_sum %[[C]], %{{.*}} {weights = array<i32: 8192, -16384>}
// CHECK: %[[ONE:.*]] = lcp.constant dense<1> : tensor<1xi32>
// CHECK: %[[SHIFT:.*]] = lcp.constant dense<14> : tensor<1xi32>
// CHECK: lcp.requantize %[[SUM]], %[[ONE]], %[[SHIFT]] :
// CHECK-NOT: lcp.requantize
func.func @residual(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = lcp.constant dense<1.0> : tensor<1x1x1x1xf32>
  %0 = lcp.conv2d %x, %w {lcp.max_abs = array<f32: 25.4, 0.0, 15.0>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  %1 = lcp.clip %0 {min = 0.0 : f32, max = 6.0 : f32, lcp.max_abs = array<f32: 15.0, 12.7>} : tensor<1x1x2x2xf32>
  %2 = lcp.sub %1, %x {lcp.max_abs = array<f32: 12.7, 25.4, 25.4>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %2 : tensor<1x1x2x2xf32>
}

// -----

// Moved values share a scale: the wider range of the two.
// CHECK-LABEL: func @pools
// CHECK: lcp.quantize %{{.*}} {scale = 2.000000e-01 : f32}
// CHECK: lcp.conv2d
// CHECK: %[[P:.*]] = lcp.max_pool2d {{.*}} (tensor<1x1x4x4xi8>) -> tensor<1x1x4x4xi8>
// CHECK: %[[C:.*]] = lcp.concat %[[P]], %{{.*}} : (tensor<1x1x4x4xi8>, tensor<1x1x4x4xi8>) -> tensor<1x2x4x4xi8>
// The mean's factor is the pool's 1/4 times 0.2 / 0.1.
// CHECK: %[[A:.*]] = lcp.avg_pool2d %[[C]] {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: %[[M:.*]] = lcp.constant dense<16384> : tensor<1xi32>
// CHECK: %[[S:.*]] = lcp.constant dense<15> : tensor<1xi32>
// CHECK: %[[R:.*]] = lcp.requantize %[[A]], %[[M]], %[[S]] :
// CHECK: lcp.flatten %[[R]] : (tensor<1x2x2x2xi8>) -> tensor<1x8xi8>
// CHECK: lcp.dequantize %{{.*}} {scale = 1.000000e-01 : f32}
func.func @pools(%x: tensor<1x1x4x4xf32>) -> tensor<1x8xf32> {
  %w = lcp.constant dense<1.0> : tensor<1x1x1x1xf32>
  %0 = lcp.conv2d %x, %w {lcp.max_abs = array<f32: 2.54, 0.0, 12.7>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  %1 = lcp.max_pool2d %0 {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, lcp.max_abs = array<f32: 12.7, 12.7>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  %2 = lcp.concat %1, %x {lcp.max_abs = array<f32: 12.7, 25.4, 25.4>} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = lcp.avg_pool2d %2 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, lcp.max_abs = array<f32: 25.4, 12.7>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %4 = lcp.flatten %3 {lcp.max_abs = array<f32: 12.7, 12.7>} : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32>
  return %4 : tensor<1x8xf32>
}

// -----

// What has no integer form stays, says why, and takes its neighbours' values
// through dequantize and quantize.
// CHECK-LABEL: func @islands
// CHECK: %[[R:.*]] = lcp.requantize
// CHECK: %[[F:.*]] = lcp.dequantize %[[R]]
// CHECK: %[[S:.*]] = lcp.sigmoid %[[F]] {lcp.keep_float = "the integer model has no such op"
// CHECK: %[[Q:.*]] = lcp.quantize %[[S]]
// CHECK: lcp.dense %[[Q]]
// CHECK: lcp.relu %{{.*}} {lcp.keep_float = "asked for"
// CHECK: lcp.avg_pool2d {{.*}} {{{.*}}lcp.keep_float = "its divisor differs at the border of the image"
func.func @islands(%x: tensor<1x2xf32>, %y: tensor<1x1x4x4xf32>) -> (tensor<1x2xf32>, tensor<1x1x4x4xf32>) {
  %w = lcp.constant dense<1.0> : tensor<2x2xf32>
  %0 = lcp.dense %x, %w {lcp.max_abs = array<f32: 1.0, 0.0, 2.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = lcp.sigmoid %0 {lcp.max_abs = array<f32: 2.0, 1.0>} : tensor<1x2xf32>
  %2 = lcp.dense %1, %w {lcp.max_abs = array<f32: 1.0, 0.0, 2.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = lcp.relu %2 {lcp.max_abs = array<f32: 2.0, 2.0>, lcp.keep_float = "asked for"} : tensor<1x2xf32>
  %4 = lcp.avg_pool2d %y {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, lcp.max_abs = array<f32: 2.0, 2.0>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  return %3, %4 : tensor<1x2xf32>, tensor<1x1x4x4xf32>
}

// -----

// Nothing is quantised for the sake of ops that only move values.
// CHECK-LABEL: func @moves
// CHECK-NOT: lcp.quantize
// CHECK: lcp.flatten {{.*}} -> tensor<1x16xf32>
func.func @moves(%x: tensor<1x1x4x4xf32>) -> tensor<1x16xf32> {
  %0 = lcp.flatten %x {lcp.max_abs = array<f32: 1.0, 1.0>} : (tensor<1x1x4x4xf32>) -> tensor<1x16xf32>
  %1 = lcp.softmax %0 {lcp.max_abs = array<f32: 1.0, 1.0>} : tensor<1x16xf32>
  return %1 : tensor<1x16xf32>
}
