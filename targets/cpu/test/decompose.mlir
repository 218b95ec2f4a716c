// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-decompose))' --split-input-file --verify-diagnostics | FileCheck %s

// scale / sqrt(variance + epsilon) = 2 / sqrt(3 + 1) = 1;
// bias - mean * 1 = 5 - 3 = 2.
// CHECK-LABEL: @batch_norm
// CHECK-DAG: %[[SCALE:.*]] = lcp.constant dense_resource<bn_scale> : tensor<1x1x1xf32>
// CHECK-DAG: %[[SHIFT:.*]] = lcp.constant dense_resource<bn_shift> : tensor<1x1x1xf32>
// CHECK: %[[SCALED:.*]] = lcp.mul %arg0, %[[SCALE]]
// CHECK: lcp.add %[[SCALED]], %[[SHIFT]]
// CHECK: bn_scale: "0x400000000000803F"
// CHECK: bn_shift: "0x4000000000000040"
func.func @batch_norm(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %scale = lcp.constant dense<2.0> : tensor<1xf32>
  %bias = lcp.constant dense<5.0> : tensor<1xf32>
  %three = lcp.constant dense<3.0> : tensor<1xf32>
  %0 = lcp.batch_norm %x, %scale, %bias, %three, %three {epsilon = 1.0 : f32}
    : (tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  return %0 : tensor<1x1x2x2xf32>
}

// -----

// Every result is written by an op of its own.
// CHECK-LABEL: @results
// CHECK: %[[RELU:.*]] = lcp.relu %arg0
// CHECK: %[[TWICE:.*]] = lcp_cpu.convert_layout %[[RELU]] to <block = 1>
// CHECK: %[[ARG:.*]] = lcp_cpu.convert_layout %arg0 to <block = 1>
// CHECK: return %[[RELU]], %[[TWICE]], %[[ARG]]
func.func @results(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = lcp.relu %x : tensor<4xf32>
  %1 = lcp.dropout %0 : tensor<4xf32>
  return %0, %1, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

func.func @not_constant(%x: tensor<1x1xf32>, %p: tensor<1xf32>) -> tensor<1x1xf32> {
  // expected-error @+1 {{needs constant parameters to be compiled}}
  %0 = lcp.batch_norm %x, %p, %p, %p, %p
    : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
