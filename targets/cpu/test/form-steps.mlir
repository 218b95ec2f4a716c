// RUN: lcp-opt %s --pass-pipeline='builtin.module(lcp-cpu-attach-machine{device=x86-64-v3},func.func(lcp-cpu-choose-blocks,lcp-cpu-reconcile-layouts),lcp-cpu-form-steps)' \
// RUN:   --split-input-file --verify-diagnostics | FileCheck %s

// The activation and the residual addition are fused; layers of one shape
// share a function.
// CHECK-LABEL: func.func @residual
// CHECK: %[[A:.*]] = call @conv2d_relu(%arg0, %{{.*}})
// CHECK: %[[B:.*]] = call @conv2d_relu(%[[A]], %{{.*}})
// CHECK: %[[C:.*]] = call @conv2d_add(%[[B]], %{{.*}}, %[[A]])
// CHECK: return %[[C]]
// CHECK-LABEL: func.func private @conv2d_relu(
// CHECK-NEXT: lcp.conv2d
// CHECK-NEXT: lcp.relu
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @conv2d_add(
// CHECK-NOT: func.func
func.func @residual(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %w0 = lcp.constant dense<0.5> : tensor<4x4x1x1xf32>
  %w1 = lcp.constant dense<0.25> : tensor<4x4x1x1xf32>
  %0 = lcp.conv2d %x, %w0 : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = lcp.relu %0 : tensor<1x4x8x8xf32>
  %2 = lcp.conv2d %1, %w1 : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %3 = lcp.relu %2 : tensor<1x4x8x8xf32>
  %4 = lcp.conv2d %3, %w1 : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %5 = lcp.add %4, %1 : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return %5 : tensor<1x4x8x8xf32>
}

// -----

// What is read twice is not fused, and what nothing reads is not computed.
// CHECK-LABEL: func.func @shared
// CHECK: %[[CONV:.*]] = call @conv2d(
// CHECK: %[[RELU:.*]] = call @relu(%[[CONV]])
// CHECK: return %[[CONV]], %[[RELU]]
// CHECK-NOT: lcp.tanh
func.func @shared(%x: tensor<1x4x8x8xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) {
  %w = lcp.constant dense<0.5> : tensor<4x4x1x1xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = lcp.relu %0 : tensor<1x4x8x8xf32>
  %2 = lcp.tanh %x : tensor<1x4x8x8xf32>
  return %0, %1 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>
}

// -----

func.func @weights(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>) -> tensor<1x2xf32> {
  // expected-error @+1 {{needs constant weights to be compiled}}
  %0 = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
