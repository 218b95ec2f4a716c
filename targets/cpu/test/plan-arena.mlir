// RUN: lcp-opt %s --lcp-cpu-form-steps --lcp-cpu-plan-arena | FileCheck %s

// 1024 bytes and slack each: the third value takes the place of the first; the
// last is the caller's own.
// CHECK: module attributes {lcp_cpu.arena_bytes = 2176 : i64}
// CHECK-LABEL: func.func @chain
// CHECK: call @softmax(%arg0) {{{.*}}lcp_cpu.offset = 0 : i64}
// CHECK: call @softmax(%{{.*}}) {{{.*}}lcp_cpu.offset = 1088 : i64}
// CHECK: call @softmax(%{{.*}}) {{{.*}}lcp_cpu.offset = 0 : i64}
// CHECK: call @softmax(%{{.*}}) {{{.*}}lcp_cpu.output = 0 : i64}
func.func @chain(%x: tensor<1x256xf32>) -> tensor<1x256xf32> {
  %0 = lcp.softmax %x : tensor<1x256xf32>
  %1 = lcp.softmax %0 : tensor<1x256xf32>
  %2 = lcp.softmax %1 : tensor<1x256xf32>
  %3 = lcp.softmax %2 : tensor<1x256xf32>
  return %3 : tensor<1x256xf32>
}
