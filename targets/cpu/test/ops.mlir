// RUN: lcp-cpu-check %s
// RUN: lcp-cpu-check --target=x86-64-v3 --run-threads=3 %s

func.func @softmax_axis(%x: tensor<2x5x3x7xf32>) -> tensor<2x5x3x7xf32> {
  %0 = lcp.softmax %x {axis = 1 : i64} : tensor<2x5x3x7xf32>
  return %0 : tensor<2x5x3x7xf32>
}
// -----
func.func @softmax_last(%x: tensor<3x10xf32>) -> tensor<3x10xf32> {
  %0 = lcp.softmax %x {axis = 1 : i64} : tensor<3x10xf32>
  return %0 : tensor<3x10xf32>
}
// -----
func.func @lrn(%x: tensor<1x16x6x7xf32>) -> tensor<1x16x6x7xf32> {
  %0 = lcp.lrn %x {size = 5 : i64, alpha = 1.0 : f32} : tensor<1x16x6x7xf32>
  %1 = lcp.lrn %0 {size = 4 : i64, alpha = 0.5 : f32, beta = 0.9 : f32, k = 2.0 : f32} : tensor<1x16x6x7xf32>
  return %1 : tensor<1x16x6x7xf32>
}
// -----
func.func @bn(%x: tensor<2x6x5x4xf32>) -> tensor<2x6x5x4xf32> {
  %s = lcp.constant dense<[1.0, 2.0, 0.5, 1.5, 1.0, 3.0]> : tensor<6xf32>
  %b = lcp.constant dense<[0.1, -0.2, 0.5, 0.5, 1.0, 0.0]> : tensor<6xf32>
  %0 = lcp.batch_norm %x, %s, %b, %b, %s {epsilon = 0.01 : f32} : (tensor<2x6x5x4xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x5x4xf32>
  %1 = lcp.relu %0 : tensor<2x6x5x4xf32>
  return %1 : tensor<2x6x5x4xf32>
}
// -----
func.func @transpose(%x: tensor<2x3x4x5xf32>) -> tensor<5x4x2x3xf32> {
  %0 = lcp.transpose %x {permutation = array<i64: 3, 2, 0, 1>} : (tensor<2x3x4x5xf32>) -> tensor<5x4x2x3xf32>
  return %0 : tensor<5x4x2x3xf32>
}
// -----
func.func @pad(%x: tensor<2x3x4x5xf32>) -> tensor<2x4x7x8xf32> {
  %0 = lcp.pad %x {low = array<i64: 0, 1, 2, 0>, high = array<i64: 0, 0, 1, 3>, value = 1.5 : f32} : (tensor<2x3x4x5xf32>) -> tensor<2x4x7x8xf32>
  return %0 : tensor<2x4x7x8xf32>
}
// -----
func.func @concat_slice(%x: tensor<2x3x4x5xf32>, %y: tensor<2x3x2x5xf32>) -> (tensor<2x3x3x5xf32>, tensor<2x3x6x5xf32>) {
  %0 = lcp.concat %x, %y {axis = 2 : i64} : (tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>) -> tensor<2x3x6x5xf32>
  %1 = lcp.slice %0 {axis = 2 : i64, begin = 2 : i64, end = 5 : i64} : (tensor<2x3x6x5xf32>) -> tensor<2x3x3x5xf32>
  return %1, %0 : tensor<2x3x3x5xf32>, tensor<2x3x6x5xf32>
}
// -----
func.func @broadcast(%x: tensor<2x1x4x5xf32>, %y: tensor<3x1x5xf32>, %z: tensor<1xf32>, %w: tensor<7x1x1x1x1x5xf32>) -> tensor<7x1x2x3x4x5xf32> {
  %0 = lcp.add %x, %y : (tensor<2x1x4x5xf32>, tensor<3x1x5xf32>) -> tensor<2x3x4x5xf32>
  %1 = lcp.mul %0, %z : (tensor<2x3x4x5xf32>, tensor<1xf32>) -> tensor<2x3x4x5xf32>
  %2 = lcp.sub %w, %1 : (tensor<7x1x1x1x1x5xf32>, tensor<2x3x4x5xf32>) -> tensor<7x1x2x3x4x5xf32>
  return %2 : tensor<7x1x2x3x4x5xf32>
}
// -----
func.func @scalar(%x: tensor<f32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
  %0 = lcp.add %x, %y : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = lcp.sigmoid %x : tensor<f32>
  return %0, %1 : tensor<4xf32>, tensor<f32>
}
// -----
func.func @returns_twice(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<3x2xf32>, tensor<2x3xf32>, tensor<2x2xf32>) {
  %0 = lcp.relu %x : tensor<2x3xf32>
  %1 = lcp.reshape %0 : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %c = lcp.constant dense<3.0> : tensor<2x2xf32>
  return %0, %1, %x, %c : tensor<2x3xf32>, tensor<3x2xf32>, tensor<2x3xf32>, tensor<2x2xf32>
}
// -----
func.func @squeeze_excite(%x: tensor<1x32x9x9xf32>) -> tensor<1x32x9x9xf32> {
  %w = lcp.constant dense<0.0> : tensor<32x32x3x3xf32>
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x32x9x9xf32>, tensor<32x32x3x3xf32>) -> tensor<1x32x9x9xf32>
  %1 = lcp.global_avg_pool %0 : (tensor<1x32x9x9xf32>) -> tensor<1x32x1x1xf32>
  %w1 = lcp.constant dense<0.0> : tensor<32x32x1x1xf32>
  %2 = lcp.conv2d %1, %w1 : (tensor<1x32x1x1xf32>, tensor<32x32x1x1xf32>) -> tensor<1x32x1x1xf32>
  %3 = lcp.sigmoid %2 : tensor<1x32x1x1xf32>
  %4 = lcp.mul %0, %3 : (tensor<1x32x9x9xf32>, tensor<1x32x1x1xf32>) -> tensor<1x32x9x9xf32>
  %c = lcp.constant dense<0.0> : tensor<32x1x1xf32>
  %5 = lcp.add %4, %c : (tensor<1x32x9x9xf32>, tensor<32x1x1xf32>) -> tensor<1x32x9x9xf32>
  %m = lcp.constant dense<0.0> : tensor<9x9xf32>
  %6 = lcp.mul %5, %m : (tensor<1x32x9x9xf32>, tensor<9x9xf32>) -> tensor<1x32x9x9xf32>
  return %6 : tensor<1x32x9x9xf32>
}
// -----
func.func @dropout(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = lcp.dropout %x : tensor<2x3xf32>
  %1 = lcp.identity %0 : tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}
// -----
func.func @quantized(%x: tensor<1x8x9x9xf32>) -> (tensor<1x10xf32>, tensor<1x8x4x4xi32>) {
  %q = lcp.quantize %x {scale = 0.02 : f32} : (tensor<1x8x9x9xf32>) -> tensor<1x8x9x9xi8>
  %w = lcp.constant dense<0> : tensor<24x8x3x3xi8>
  %b = lcp.constant dense<0> : tensor<24xi32>
  %0 = lcp.conv2d %q, %w, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x9x9xi8>, tensor<24x8x3x3xi8>, tensor<24xi32>) -> tensor<1x24x9x9xi32>
  %m = lcp.constant dense<123456> : tensor<24xi32>
  %s = lcp.constant dense<27> : tensor<24xi32>
  %1 = lcp.requantize %0, %m, %s {min = 0 : i32} : (tensor<1x24x9x9xi32>, tensor<24xi32>, tensor<24xi32>) -> tensor<1x24x9x9xi8>
  %2 = lcp.max_pool2d %1 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x24x9x9xi8>) -> tensor<1x24x4x4xi8>
  %f = lcp.flatten %2 : (tensor<1x24x4x4xi8>) -> tensor<1x384xi8>
  %w1 = lcp.constant dense<0> : tensor<10x384xi8>
  %3 = lcp.dense %f, %w1 : (tensor<1x384xi8>, tensor<10x384xi8>) -> tensor<1x10xi32>
  %m1 = lcp.constant dense<123456> : tensor<1xi32>
  %s1 = lcp.constant dense<30> : tensor<1xi32>
  %4 = lcp.requantize %3, %m1, %s1 : (tensor<1x10xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x10xi8>
  %5 = lcp.dequantize %4 {scale = 0.1 : f32} : (tensor<1x10xi8>) -> tensor<1x10xf32>
  %6 = lcp.avg_pool2d %q {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>} : (tensor<1x8x9x9xi8>) -> tensor<1x8x4x4xi32>
  return %5, %6 : tensor<1x10xf32>, tensor<1x8x4x4xi32>
}
// -----
func.func @quantized_dw(%q: tensor<1x8x9x19xi8>) -> (tensor<1x8x9x19xi8>, tensor<1x8x1x1xi32>) {
  %w = lcp.constant dense<0> : tensor<8x1x3x3xi8>
  %0 = lcp.conv2d %q, %w {pads = array<i64: 1, 1, 1, 1>, groups = 8 : i64} : (tensor<1x8x9x19xi8>, tensor<8x1x3x3xi8>) -> tensor<1x8x9x19xi32>
  %m = lcp.constant dense<[1,2,3,4,5,6,7,800]> : tensor<8xi32>
  %s = lcp.constant dense<[1,2,3,4,5,6,7,16]> : tensor<8xi32>
  %1 = lcp.requantize %0, %m, %s : (tensor<1x8x9x19xi32>, tensor<8xi32>, tensor<8xi32>) -> tensor<1x8x9x19xi8>
  %2 = lcp.relu %1 : tensor<1x8x9x19xi8>
  %3 = lcp.global_avg_pool %2 : (tensor<1x8x9x19xi8>) -> tensor<1x8x1x1xi32>
  return %2, %3 : tensor<1x8x9x19xi8>, tensor<1x8x1x1xi32>
}
// -----
func.func @dense_residual(%x: tensor<3x20xf32>, %y: tensor<3x21xf32>) -> tensor<3x21xf32> {
  %w = lcp.constant dense<0.0> : tensor<21x20xf32>
  %0 = lcp.dense %x, %w : (tensor<3x20xf32>, tensor<21x20xf32>) -> tensor<3x21xf32>
  %1 = lcp.add %0, %y : (tensor<3x21xf32>, tensor<3x21xf32>) -> tensor<3x21xf32>
  %c = lcp.constant dense<0.0> : tensor<21xf32>
  %2 = lcp.mul %1, %c : (tensor<3x21xf32>, tensor<21xf32>) -> tensor<3x21xf32>
  return %2 : tensor<3x21xf32>
}
// -----
func.func @hard_activations(%x: tensor<1x5x6x7xf32>) -> (tensor<1x5x6x7xf32>, tensor<1x5x6x7xf32>) {
  %0 = lcp.hard_sigmoid %x {alpha = 0.166666672 : f32} : tensor<1x5x6x7xf32>
  %1 = lcp.hard_swish %x : tensor<1x5x6x7xf32>
  return %0, %1 : tensor<1x5x6x7xf32>, tensor<1x5x6x7xf32>
}
// -----
func.func @channel_shuffle(%x: tensor<2x12x5x7xf32>, %y: tensor<1x6xf32>) -> (tensor<2x12x5x7xf32>, tensor<1x6xi8>) {
  %0 = lcp.channel_shuffle %x {groups = 3 : i64} : tensor<2x12x5x7xf32>
  %q = lcp.quantize %y {scale = 0.02 : f32} : (tensor<1x6xf32>) -> tensor<1x6xi8>
  %1 = lcp.channel_shuffle %q {groups = 2 : i64} : tensor<1x6xi8>
  return %0, %1 : tensor<2x12x5x7xf32>, tensor<1x6xi8>
}
// -----
// Between convolutions of channel blocks.
func.func @shuffle_between(%x: tensor<1x3x9x9xf32>) -> tensor<1x16x9x9xf32> {
  %w = lcp.constant dense<0.25> : tensor<16x3x1x1xf32>
  %v = lcp.constant dense<0.5> : tensor<16x1x3x3xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x3x9x9xf32>, tensor<16x3x1x1xf32>) -> tensor<1x16x9x9xf32>
  %1 = lcp.channel_shuffle %0 {groups = 2 : i64} : tensor<1x16x9x9xf32>
  %2 = lcp.conv2d %1, %v {groups = 16 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x9x9xf32>, tensor<16x1x3x3xf32>) -> tensor<1x16x9x9xf32>
  return %2 : tensor<1x16x9x9xf32>
}
