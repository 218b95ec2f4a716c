// RUN: lcp-opt %s --lcp-split=2 | FileCheck %s
// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths 2>&1 | FileCheck %s --check-prefix=WIDTHS

// Two halves joined and shuffled; then half of the channels goes by. Each branch
// shuffles and halves what it has, and everything stays in its branch.
// CHECK: lcp.parallel {{.*}} -> tensor<1x4xf32>, tensor<1x4xf32>
// CHECK: %[[X:.*]] = lcp.concat {{.*}} -> tensor<1x4x4x4xf32>
// CHECK: %[[Y:.*]] = lcp.channel_shuffle %[[X]] {groups = 2 : i64} : tensor<1x4x4x4xf32>
// CHECK-DAG: lcp.slice %[[Y]] {begin = 0 : i64, end = 2 : i64} : (tensor<1x4x4x4xf32>)
// CHECK-DAG: lcp.slice %[[Y]] {begin = 2 : i64, end = 4 : i64} : (tensor<1x4x4x4xf32>)
// CHECK: lcp.conv2d {{.*}} -> tensor<1x2x4x4xf32>
// CHECK: lcp.conv2d {{.*}} {groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x1x1xf32>)
// CHECK: }, {
// CHECK-NOT: lcp.parallel
// CHECK: lcp.merge concat

// Exactly, the shuffle reads all channels.
// WIDTHS: lcp.channel_shuffle %{{.*}} {groups = 2 : i64} : tensor<1x8x4x4xf32>
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<8x1x1x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x8xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x4x4xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x4x4xf32>
  %b = lcp.conv2d %x, %w0 : (tensor<1x1x4x4xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x4x4xf32>
  %c = lcp.concat %a, %b : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  %0 = lcp.channel_shuffle %c {groups = 2 : i64} : tensor<1x8x4x4xf32>
  %1 = lcp.slice %0 {begin = 0 : i64, end = 4 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x4xf32>
  %2 = lcp.slice %0 {begin = 4 : i64, end = 8 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x4xf32>
  %3 = lcp.conv2d %2, %w1 : (tensor<1x4x4x4xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x4x4xf32>
  %4 = lcp.concat %1, %3 : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32> loc("join")
  %6 = lcp.conv2d %4, %w2 {groups = 8 : i64} : (tensor<1x8x4x4xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x4x4xf32>
  %7 = lcp.global_avg_pool %6 : (tensor<1x8x4x4xf32>) -> tensor<1x8x1x1xf32>
  %8 = lcp.flatten %7 : (tensor<1x8x1x1xf32>) -> tensor<1x8xf32>
  %9 = lcp.dense %8, %w3 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
  return %9 : tensor<1x2xf32>
}
