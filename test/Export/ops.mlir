// REQUIRES: venv
// RUN: lcp-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/Inputs/text.py %t.onnx | FileCheck %s
// RUN: lcp-translate --import-onnx %t.onnx | FileCheck %s --check-prefix=AGAIN

// CHECK: opset_import: ["" : 17]
// CHECK: ops (float[1,4,8,8] x) => (float[1,6] y, float[1,4,8,8] passed)
// CHECK: [first] first = Conv <kernel_shape: ints = [3, 3], strides: ints = [1, 1], pads: ints = [1, 1, 1, 1], dilations: ints = [1, 1], group: int = 2> (x, w)
// CHECK: BatchNormalization <epsilon: float = 0.001>
// CHECK: = Clip (
// CHECK: = LeakyRelu <alpha: float = 0.25>
// CHECK: = MaxPool <kernel_shape: ints = [2, 2], strides: ints = [2, 2], pads: ints = [0, 0, 0, 0]>
// CHECK: = Pad (
// CHECK: = AveragePool <kernel_shape: ints = [2, 2], strides: ints = [1, 1], pads: ints = [0, 0, 1, 1], count_include_pad: int = 1>
// CHECK: = LRN <size: int = 3, alpha: float = {{.*}}, beta: float = 0.75, bias: float = 1>
// CHECK: = HardSigmoid <alpha: float = 0.25, beta: float = 0.5>
// CHECK: = HardSwish (
// CHECK: [mixed] [[PARTS:.*]] = Reshape (
// CHECK: ["mixed.transpose"] [[SWAPPED:.*]] = Transpose <perm: ints = [0, 2, 1, 3, 4]> ([[PARTS]])
// CHECK: ["mixed.join"] {{.*}} = Reshape ([[SWAPPED]], {{.*}})
// CHECK: = Slice (
// CHECK: = Concat <axis: int = 1>
// CHECK: = GlobalAveragePool
// CHECK: = Reshape (
// CHECK: = Gemm <transB: int = 1>
// CHECK: = Dropout (
// CHECK: [probabilities] y = Softmax <axis: int = 1>
// CHECK: [output] passed = Identity (x)

// AGAIN: lcp.conv2d {{.*}} {groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>}
// AGAIN: lcp.batch_norm {{.*}} {epsilon = 1.000000e-03 : f32}
// AGAIN: lcp.clip %{{.*}} {max = 6.000000e+00 : f32, min = 0xFF800000 : f32}
// AGAIN: lcp.leaky_relu
// AGAIN: lcp.max_pool2d
// AGAIN: lcp.pad %{{.*}} {high = array<i64: 0, 0, 0, 1>, low = array<i64: 0, 0, 1, 0>, value = 2.000000e+00 : f32}
// AGAIN: lcp.avg_pool2d %{{.*}} {count_include_pad, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 1, 1>}
// AGAIN: lcp.lrn
// AGAIN: lcp.hard_sigmoid %{{.*}} {alpha = 2.500000e-01 : f32}
// AGAIN: lcp.hard_swish
// AGAIN: lcp.transpose {{.*}} -> tensor<1x2x2x5x5xf32>
// AGAIN: lcp.slice %{{.*}} {begin = 1 : i64, end = 3 : i64}
// AGAIN: lcp.concat
// AGAIN: lcp.global_avg_pool
// AGAIN: lcp.reshape
// AGAIN: lcp.dense
// AGAIN: lcp.dropout %{{.*}} {ratio = 2.500000e-01 : f32}
// AGAIN: lcp.softmax
module attributes {lcp.model_name = "ops"} {
  func.func @main(%x: tensor<1x4x8x8xf32> {lcp.name = "x"})
      -> (tensor<1x6xf32> {lcp.name = "y"}, tensor<1x4x8x8xf32> {lcp.name = "passed"}) {
    %w = lcp.constant dense<0.5> : tensor<4x2x3x3xf32> loc("w")
    %v = lcp.constant dense<1.0> : tensor<4xf32> loc("v")
    %0 = lcp.conv2d %x, %w {groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x8x8xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x8x8xf32> loc("first")
    %1 = lcp.batch_norm %0, %v, %v, %v, %v {epsilon = 1.0e-3 : f32} : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    %2 = lcp.clip %1 {min = 0xFF800000 : f32, max = 6.0 : f32} : tensor<1x4x8x8xf32>
    %3 = lcp.leaky_relu %2 {alpha = 0.25 : f32} : tensor<1x4x8x8xf32>
    %4 = lcp.max_pool2d %3 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    %5 = lcp.pad %4 {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 1>, value = 2.0 : f32} : (tensor<1x4x4x4xf32>) -> tensor<1x4x5x5xf32>
    %6 = lcp.avg_pool2d %5 {kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 1, 1>, count_include_pad} : (tensor<1x4x5x5xf32>) -> tensor<1x4x5x5xf32>
    %7 = lcp.lrn %6 {size = 3 : i64} : tensor<1x4x5x5xf32>
    %a = lcp.hard_sigmoid %7 {alpha = 0.25 : f32} : tensor<1x4x5x5xf32>
    %b = lcp.hard_swish %a : tensor<1x4x5x5xf32>
    %c = lcp.channel_shuffle %b {groups = 2 : i64} : tensor<1x4x5x5xf32> loc("mixed")
    %8 = lcp.slice %c {axis = 1 : i64, begin = 1 : i64, end = 3 : i64} : (tensor<1x4x5x5xf32>) -> tensor<1x2x5x5xf32>
    %9 = lcp.concat %7, %8 {axis = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<1x2x5x5xf32>) -> tensor<1x6x5x5xf32>
    %10 = lcp.global_avg_pool %9 : (tensor<1x6x5x5xf32>) -> tensor<1x6x1x1xf32>
    %11 = lcp.reshape %10 : (tensor<1x6x1x1xf32>) -> tensor<1x6xf32>
    %d = lcp.constant dense<0.25> : tensor<6x6xf32> loc("d")
    %12 = lcp.dense %11, %d : (tensor<1x6xf32>, tensor<6x6xf32>) -> tensor<1x6xf32>
    %13 = lcp.dropout %12 {ratio = 0.25 : f32} : tensor<1x6xf32>
    %14 = lcp.softmax %13 {axis = 1 : i64} : tensor<1x6xf32> loc("probabilities")
    return %14, %x : tensor<1x6xf32>, tensor<1x4x8x8xf32>
  }
}
