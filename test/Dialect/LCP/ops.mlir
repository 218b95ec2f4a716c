// RUN: lcp-opt %s | lcp-opt | FileCheck %s
// RUN: lcp-opt %s --emit-bytecode | lcp-opt | FileCheck %s

// CHECK-LABEL: func @layers
func.func @layers(%x: tensor<1x3x8x8xf32>) -> tensor<1x10xf32> {
  %w = lcp.constant dense<0.5> : tensor<4x3x3x3xf32>
  %b = lcp.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c = lcp.constant dense<0.5> : tensor<4x1x1xf32>
  // CHECK: lcp.conv2d %{{.*}}, %{{.*}}, %{{.*}} {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  %0 = lcp.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  // CHECK: lcp.batch_norm
  %1 = lcp.batch_norm %0, %b, %b, %b, %b : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  %2 = lcp.relu %1 : tensor<1x4x8x8xf32>
  %3 = lcp.leaky_relu %2 {alpha = 0.1 : f32} : tensor<1x4x8x8xf32>
  %4 = lcp.clip %3 {min = 0.0 : f32, max = 6.0 : f32} : tensor<1x4x8x8xf32>
  %5 = lcp.sigmoid %4 : tensor<1x4x8x8xf32>
  %6 = lcp.tanh %5 : tensor<1x4x8x8xf32>
  %7 = lcp.identity %6 : tensor<1x4x8x8xf32>
  %8 = lcp.dropout %7 : tensor<1x4x8x8xf32>
  %9 = lcp.add %8, %c : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  // CHECK: lcp.max_pool2d {{.*}} -> tensor<1x4x4x4xf32>
  %10 = lcp.max_pool2d %7 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %11 = lcp.avg_pool2d %10 {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, count_include_pad} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %12 = lcp.lrn %11 {size = 5 : i64} : tensor<1x4x4x4xf32>
  %13 = lcp.concat %12, %10 : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  // CHECK: lcp.slice {{.*}} -> tensor<1x2x4x4xf32>
  %14 = lcp.slice %13 {begin = 3 : i64, end = 5 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x2x4x4xf32>
  %15 = lcp.pad %14 {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 1, 0>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x4xf32>
  %16 = lcp.transpose %15 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x6x4xf32>) -> tensor<1x6x4x2xf32>
  %17 = lcp.global_avg_pool %16 : (tensor<1x6x4x2xf32>) -> tensor<1x6x1x1xf32>
  %18 = lcp.flatten %17 : (tensor<1x6x1x1xf32>) -> tensor<1x6xf32>
  %19 = lcp.reshape %18 : (tensor<1x6xf32>) -> tensor<1x6xf32>
  %20 = lcp.constant dense<0.25> : tensor<10x6xf32>
  %21 = lcp.dense %19, %20 : (tensor<1x6xf32>, tensor<10x6xf32>) -> tensor<1x10xf32>
  // CHECK: lcp.softmax
  %22 = lcp.softmax %21 : tensor<1x10xf32>
  return %22 : tensor<1x10xf32>
}

// CHECK-LABEL: func @later_networks
func.func @later_networks(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  // CHECK: lcp.hard_sigmoid %{{.*}} {alpha = 0.166666672 : f32} : tensor<1x4x8x8xf32>
  %0 = lcp.hard_sigmoid %x {alpha = 0.166666672 : f32} : tensor<1x4x8x8xf32>
  // CHECK: lcp.hard_swish
  %1 = lcp.hard_swish %0 : tensor<1x4x8x8xf32>
  // CHECK: lcp.channel_shuffle %{{.*}} {groups = 2 : i64} : tensor<1x4x8x8xf32>
  %2 = lcp.channel_shuffle %1 {groups = 2 : i64} : tensor<1x4x8x8xf32>
  return %2 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: func @rows
func.func @rows() -> tensor<1x2xf32> {
  // CHECK: lcp.constant dense<{{.*}}> : tensor<3x2xf32> rows from 1 -> tensor<1x2xf32>
  %0 = lcp.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32> rows from 1 -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @integers
func.func @integers(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x1x1xf32> {
  %q = lcp.quantize %x {scale = 0.1 : f32} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xi8>
  %w = lcp.constant dense<1> : tensor<3x1x2x2xi8>
  // CHECK: lcp.conv2d {{.*}} -> tensor<1x3x3x3xi32>
  %c = lcp.conv2d %q, %w {groups = 3 : i64} : (tensor<1x3x4x4xi8>, tensor<3x1x2x2xi8>) -> tensor<1x3x3x3xi32>
  %m = lcp.constant dense<3> : tensor<3xi32>
  %s = lcp.constant dense<4> : tensor<1xi32>
  // CHECK: lcp.requantize
  %r = lcp.requantize %c, %m, %s {min = 0 : i32} : (tensor<1x3x3x3xi32>, tensor<3xi32>, tensor<1xi32>) -> tensor<1x3x3x3xi8>
  %p = lcp.global_avg_pool %r : (tensor<1x3x3x3xi8>) -> tensor<1x3x1x1xi32>
  %p8 = lcp.requantize %p, %s, %s : (tensor<1x3x1x1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x3x1x1xi8>
  // CHECK: lcp.scaled_sum %{{.*}}, %{{.*}} {weights = array<i32: 16384, -9021>} : (tensor<1x3x3x3xi8>, tensor<1x3x3x3xi8>) -> tensor<1x3x3x3xi32>
  %sum = lcp.scaled_sum %r, %r {weights = array<i32: 16384, -9021>} : (tensor<1x3x3x3xi8>, tensor<1x3x3x3xi8>) -> tensor<1x3x3x3xi32>
  %d = lcp.dequantize %p8 {scale = 0.5 : f32} : (tensor<1x3x1x1xi8>) -> tensor<1x3x1x1xf32>
  return %d : tensor<1x3x1x1xf32>
}

// CHECK-LABEL: func @branches
func.func @branches(%x: tensor<1x8xf32>) -> tensor<1x4xf32> {
  // CHECK: %[[P:.*]]:2 = lcp.parallel shared(%{{.*}} : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  %p:2 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x8xf32>):
    %w = lcp.constant dense<1.0> : tensor<2x8xf32>
    %y = lcp.dense %in, %w : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
    lcp.yield %y : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x8xf32>):
    %w = lcp.constant dense<2.0> : tensor<2x8xf32>
    %y = lcp.dense %in, %w : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
    lcp.yield %y : tensor<1x2xf32>
  }
  // CHECK: lcp.parallel own(%[[P]]#0, %[[P]]#1 : tensor<1x2xf32>, tensor<1x2xf32>)
  %q:2 = lcp.parallel own(%p#0, %p#1 : tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x2xf32>):
    lcp.yield %in : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x2xf32>):
    lcp.yield %in : tensor<1x2xf32>
  }
  // CHECK: lcp.merge concat %{{.*}}#0, %{{.*}}#1 {order = array<i64: 0, 2, 1, 3>}
  %m = lcp.merge concat %q#0, %q#1 {order = array<i64: 0, 2, 1, 3>} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  return %m : tensor<1x4xf32>
}
