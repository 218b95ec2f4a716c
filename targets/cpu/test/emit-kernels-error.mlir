// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-emit-kernels))' --verify-diagnostics

func.func private @step(%x: tensor<1x1xf32>, %p: tensor<1xf32>) -> tensor<1x1xf32> {
  // expected-error @+1 {{has no kernel for this CPU target}}
  %0 = lcp.batch_norm %x, %p, %p, %p, %p
    : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
