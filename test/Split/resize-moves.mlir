// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=50" --lcp-split-widths | FileCheck %s
// RUN: lcp-reference %s | FileCheck %s --check-prefix=ANSWER
// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=50" --lcp-split-widths | lcp-reference - | FileCheck %s --check-prefix=ANSWER

// What moves channels says itself where new ones go: here from dimension 1 to
// the last and back, where a constant has one element for each channel, through
// a crop and into runs of a flattened image. Nobody hears them, so the answer
// stays.

// CHECK: lcp.parallel
// CHECK: lcp.transpose {{.*}} -> tensor<1x2x2x3xf32>
// A channel that is new passes a product as it is.
// CHECK: lcp.mul {{.*}} tensor<3xf32>) -> tensor<1x2x2x3xf32>
// CHECK: lcp.transpose {{.*}} -> tensor<1x3x2x2xf32>
// CHECK: lcp.slice {{.*}} -> tensor<1x3x1x2xf32>
// CHECK: lcp.reshape {{.*}} -> tensor<1x6xf32>
// CHECK: lcp.merge concat {{.*}} -> tensor<1x12xf32>
// CHECK: lcp.dense {{.*}} (tensor<1x12xf32>, tensor<2x12xf32>)
// Scales 1 to 4 are in the order of the branches, new ones behind them.
// CHECK: "0x400000000000803F000000400000803F00004040000080400000803F"

// ANSWER: @main: tensor<1x2xf32> [570, 240]
func.func @main() -> tensor<1x2xf32> {
  %x = lcp.constant dense<[[[[1., 2.], [3., 4.]]]]> : tensor<1x1x2x2xf32>
  %w0 = lcp.constant dense<[[[[1.]]], [[[2.]]], [[[3.]]], [[[4.]]]]> : tensor<4x1x1x1xf32>
  %s = lcp.constant dense<[1., 2., 3., 4.]> : tensor<4xf32>
  %w1 = lcp.constant dense<[[1., 2., 3., 4., 5., 6., 7., 8.], [8., 7., 6., 5., 4., 3., 2., 1.]]> : tensor<2x8xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %b = lcp.transpose %a {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x4x2x2xf32>) -> tensor<1x2x2x4xf32>
  %c = lcp.mul %b, %s : (tensor<1x2x2x4xf32>, tensor<4xf32>) -> tensor<1x2x2x4xf32>
  %d = lcp.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x2x4xf32>) -> tensor<1x4x2x2xf32>
  %e = lcp.slice %d {axis = 2 : i64, begin = 0 : i64, end = 1 : i64} : (tensor<1x4x2x2xf32>) -> tensor<1x4x1x2xf32>
  %f = lcp.reshape %e : (tensor<1x4x1x2xf32>) -> tensor<1x8xf32>
  %y = lcp.dense %f, %w1 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
