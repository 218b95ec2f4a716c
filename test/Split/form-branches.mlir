// RUN: lcp-opt %s --lcp-form-branches --split-input-file --verify-diagnostics | FileCheck %s

// Two alike networks that meet in a concat; the preparation of the input, which
// has no weights, stays shared.
// CHECK: module attributes {lcp.split = 2 : i64}
// CHECK-LABEL: func.func @main
// CHECK: %[[R:.*]] = lcp.relu
// CHECK: %[[P:.*]]:2 = lcp.parallel shared(%[[R]] : tensor<1x2xf32>) -> tensor<1x3xf32>, tensor<1x2xf32> {
// CHECK: lcp.constant dense<1.{{.*}}> : tensor<3x2xf32>
// CHECK: lcp.dense
// CHECK: lcp.sigmoid
// CHECK: lcp.yield
// CHECK: lcp.constant dense<2.{{.*}}> : tensor<2x2xf32>
// CHECK: lcp.yield
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK-NEXT: lcp.dense %[[M]]
// CHECK-NOT: lcp.concat
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<3x2xf32>
  %w1 = lcp.constant dense<2.0> : tensor<2x2xf32>
  %w2 = lcp.constant dense<3.0> : tensor<2x5xf32>
  %r = lcp.relu %x : tensor<1x2xf32>
  %a0 = lcp.dense %r, %w0 : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
  %b0 = lcp.dense %r, %w1 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %a1 = lcp.sigmoid %a0 : tensor<1x3xf32>
  %b1 = lcp.sigmoid %b0 : tensor<1x2xf32>
  %c = lcp.concat %a1, %b1 : (tensor<1x3xf32>, tensor<1x2xf32>) -> tensor<1x5xf32>
  %y = lcp.dense %c, %w2 : (tensor<1x5xf32>, tensor<2x5xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// A sum of three, written as two adds, and a bias.
// CHECK: module attributes {lcp.split = 3 : i64}
// CHECK-LABEL: func.func @main
// CHECK: %[[B:.*]] = lcp.constant dense<5.{{.*}}> : tensor<2xf32>
// CHECK: %[[P:.*]]:3 = lcp.parallel
// CHECK: %[[S:.*]] = lcp.merge sum %[[P]]#0, %[[P]]#1, %[[P]]#2
// CHECK-NEXT: %[[Y:.*]] = lcp.add %[[S]], %[[B]]
// CHECK-NEXT: return %[[Y]]
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<2x2xf32>
  %w1 = lcp.constant dense<2.0> : tensor<2x2xf32>
  %w2 = lcp.constant dense<3.0> : tensor<2x2xf32>
  %bias = lcp.constant dense<5.0> : tensor<2xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %b = lcp.dense %x, %w1 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %c = lcp.dense %x, %w2 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %s = lcp.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %t = lcp.add %s, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = lcp.add %t, %bias : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// Two paths behind a common layer are not branches, nor are unlike ones.
// expected-warning@+2 {{no branches found}}
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x2xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %w0 = lcp.constant dense<1.0> : tensor<2x2xf32>
  %l = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %a = lcp.dense %l, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %b = lcp.dense %l, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // CHECK: lcp.concat
  %y = lcp.concat %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %c = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %d = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %e = lcp.relu %d : tensor<1x2xf32>
  // CHECK: lcp.concat
  %z = lcp.concat %c, %e : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  return %y, %z : tensor<1x4xf32>, tensor<1x4xf32>
}
