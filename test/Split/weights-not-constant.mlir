// RUN: lcp-opt %s --lcp-split=2 --split-input-file --verify-diagnostics | FileCheck %s
// RUN: not lcp-opt %s --lcp-split="factor=2 fatten=50" --split-input-file 2>&1 | FileCheck %s --check-prefix=RESIZED
// RUN: not lcp-opt %s --lcp-split="factor=2 round=floor" --split-input-file 2>&1 | FileCheck %s --check-prefix=RESIZED
// RUN: not lcp-opt %s --lcp-split="factor=2 merge=sum-logits" --split-input-file 2>&1 | FileCheck %s --check-prefix=SUM

// A layer whose weights are not known here cannot be divided: it stays whole.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %{{.*}}: tensor<1x4xf32>, %[[W:.*]]: tensor<4x4xf32>)
// CHECK: %[[A:.*]] = lcp.dense %{{.*}}, %[[W]]
// CHECK: lcp.parallel shared(%[[A]] : tensor<1x4xf32>)
// RESIZED: lcp-opt: error: {{.*}}lcp.dense cannot be given another width: its weights are not constants
func.func @main(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>) -> tensor<1x4xf32> {
  %c = lcp.constant dense<1.0> : tensor<4x4xf32>
  // expected-remark@+1 {{lcp.dense stays whole, outside the branches: its weights are not constants}}
  %a = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %b = lcp.dense %a, %c : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %b, %c : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

// Nor can the classifier's columns move into the branches.
// CHECK-LABEL: func.func @main(
// CHECK: %[[M:.*]] = lcp.merge concat
// CHECK: lcp.dense %[[M]], %{{.*}}
// SUM: lcp-opt: error: {{.*}}merge=sum-* needs one classifier that reads the merged features and nothing else does
func.func @main(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>) -> tensor<1x4xf32> {
  %c = lcp.constant dense<1.0> : tensor<4x4xf32>
  %a = lcp.dense %x, %c : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %a, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

// Weights that another layer makes are divided, the image is not.
// CHECK-LABEL: func.func @main(
// CHECK: %[[M:.*]] = lcp.merge concat {{.*}} {axis = 0 : i64}
// CHECK: lcp.conv2d %{{.*}}, %[[M]] {groups = 4 : i64}
func.func @main(%x: tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32> {
  %c = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %a = lcp.conv2d %x, %c : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %w = lcp.reshape %a : (tensor<1x4x1x1xf32>) -> tensor<4x1x1x1xf32>
  // expected-remark@+2 {{lcp.conv2d stays whole, outside the branches: its weights are made by other layers}}
  // expected-remark@+1 {{lcp.conv2d joins the branches: its weights are made by other layers}}
  %b = lcp.conv2d %x, %w {groups = 4 : i64} : (tensor<1x4x1x1xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x1x1xf32>
  %y = lcp.conv2d %b, %c : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  return %y : tensor<1x4x1x1xf32>
}
