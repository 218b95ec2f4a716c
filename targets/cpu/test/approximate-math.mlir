// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-emit-kernels),lcp-cpu-approximate-math)' | FileCheck %s
// CHECK-LABEL: func.func private @mixed
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: math.fma
func.func private @mixed(%x: tensor<1x8xf32>) -> tensor<1x8xf32>
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "elementwise", lanes = 4>} {
  %0 = lcp.sigmoid %x : tensor<1x8xf32>
  %1 = lcp.tanh %0 : tensor<1x8xf32>
  return %1 : tensor<1x8xf32>
}
