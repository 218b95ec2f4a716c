// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1" --split-input-file --verify-diagnostics | FileCheck %s
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1 join=shuffle" --split-input-file 2>/dev/null | FileCheck %s --check-prefix=SHUFFLE
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1 join=shuffle" --split-input-file 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// A mixer without weights before a kept join sees all channels. Where its result
// meets divided channels again, each branch takes its own of it.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel
// CHECK: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK: %[[L:.*]] = lcp.lrn %[[M]] {{.*}} : tensor<1x4x2x2xf32>
// CHECK: lcp.parallel shared(%[[L]] : tensor<1x4x2x2xf32>)
// CHECK: %[[C:.*]] = lcp.conv2d {{.*}} tensor<2x4x1x1xf32>
// CHECK: %[[S:.*]] = lcp.slice %{{.*}} {begin = 0 : i64, end = 2 : i64}
// CHECK: lcp.add %[[C]], %[[S]]
// CHECK: lcp.conv2d {{.*}} tensor<2x2x1x1xf32>
// CHECK-NOT: lcp.parallel

// With channels dealt it stays within its branch.
// SHUFFLE-LABEL: func.func @main
// SHUFFLE: lcp.lrn {{.*}} : tensor<1x2x2x2xf32>
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %l = lcp.lrn %a {size = 3 : i64} : tensor<1x4x2x2xf32>
  %b = lcp.conv2d %l, %w1 : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %c = lcp.add %b, %l : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %d = lcp.conv2d %c, %w2 : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %y = lcp.conv2d %d, %w3 : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

// Three channels cannot be dealt to two branches by both.
// REMARK: lcp-opt: note: {{.*}}reads merged values still: too few channels to deal from every branch to every other
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<3x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<3x3xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x3xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<3x1xf32>) -> tensor<1x3xf32>
  %b = lcp.dense %a, %w1 : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
  %y = lcp.dense %b, %w2 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
