// Canonicalisation and the elimination of common subexpressions between all
// passes change nothing: layouts, the copies that outputs need, and schedules
// stay as they are.

// RUN: lcp-opt %s -o %t.plain --pass-pipeline='builtin.module(lcp-cpu-attach-machine{device=x86-64-v3},canonicalize,cse,func.func(lcp-cpu-decompose,lcp-cpu-choose-blocks,lcp-cpu-reconcile-layouts),lcp-cpu-form-steps,func.func(lcp-cpu-schedule),lcp-cpu-plan-arena)'
// RUN: lcp-opt %s -o %t.cleaned --pass-pipeline='builtin.module(lcp-cpu-attach-machine{device=x86-64-v3},canonicalize,cse,func.func(lcp-cpu-decompose),canonicalize,cse,func.func(lcp-cpu-choose-blocks),canonicalize,cse,func.func(lcp-cpu-reconcile-layouts),canonicalize,cse,lcp-cpu-form-steps,canonicalize,cse,func.func(lcp-cpu-schedule),canonicalize,cse,lcp-cpu-plan-arena,canonicalize,cse)'
// RUN: diff %t.plain %t.cleaned
// RUN: FileCheck %s --input-file=%t.cleaned

// CHECK-LABEL: func.func @residual
// CHECK-COUNT-3: call @convert_layout
// CHECK: return
func.func @residual(%x: tensor<1x3x8x8xf32>) -> (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>, tensor<1x3x8x8xf32>) {
  %w = lcp.constant dense<0.5> : tensor<16x3x3x3xf32>
  %v = lcp.constant dense<0.25> : tensor<16x16x3x3xf32>
  %u = lcp.constant dense<0.25> : tensor<16x16x3x3xf32>
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<1x16x8x8xf32>
  %1 = lcp.relu %0 : tensor<1x16x8x8xf32>
  %2 = lcp.conv2d %1, %v {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %3 = lcp.add %2, %1 : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %4 = lcp.conv2d %3, %u {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %5 = lcp.identity %4 : tensor<1x16x8x8xf32>
  return %4, %5, %4, %x : tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>, tensor<1x3x8x8xf32>
}
