// RUN: lcp-opt %s --lcp-plan-split="factor=2 cut=column-row" --lcp-split-widths --split-input-file --verify-diagnostics | FileCheck %s
// RUN: not lcp-opt %s --lcp-plan-split="factor=2 cut=row" --lcp-split-widths --split-input-file 2>&1 | FileCheck %s --check-prefix=CUT
// RUN: not lcp-opt %s --lcp-plan-split="factor=2 cut=column-row merge=auto" --split-input-file 2>&1 | FileCheck %s --check-prefix=MERGE
// RUN: not lcp-opt %s --lcp-plan-split="factor=auto device=rpi3 cut=column-row" --lcp-split-widths --split-input-file 2>&1 | FileCheck %s --check-prefix=AUTO

// CUT: lcp-opt: for the --cut option: cut='row' is not column or column-row
// AUTO: error: {{.*}}device= and cluster= measure branches without connections between them, which cut=column-row keeps; give a number of branches instead
// MERGE: error: {{.*}}merge=auto measures branches without connections between them, which cut=column-row keeps; leave out one of the two

// The second layer has the columns of its weights that meet its branch's
// channels; the first branch has its bias. What reads the sum is whole. The
// third layer has a merge of its own: there is nobody to pair it with.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel shared(%{{.*}} : tensor<1x2xf32>) -> tensor<1x3xf32>, tensor<1x3xf32>
// CHECK: lcp.dense {{.*}} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
// CHECK: %[[R:.*]] = lcp.relu
// CHECK-DAG: %[[W:.*]] = lcp.constant dense<{{\[\[}}1.{{0*e[+]00}}, 2.{{0*e[+]00}}], [5.{{0*e[+]00}}, 6.{{0*e[+]00}}], [9.{{0*e[+]00}}, 1.{{0*e[+]01}}]]> : tensor<3x2xf32>
// CHECK-DAG: %[[B:.*]] = lcp.constant dense<[1.{{0*e[+]00}}, 2.{{0*e[+]00}}, 3.{{0*e[+]00}}]>
// CHECK: %[[Y:.*]] = lcp.dense %[[R]], %[[W]], %[[B]]
// CHECK: lcp.yield %[[Y]]
// CHECK: }, {
// CHECK: %[[R:.*]] = lcp.relu
// CHECK: %[[W:.*]] = lcp.constant dense<{{\[\[}}3.{{0*e[+]00}}, 4.{{0*e[+]00}}], [7.{{0*e[+]00}}, 8.{{0*e[+]00}}], [1.1{{0*e[+]01}}, 1.2{{0*e[+]01}}]]> : tensor<3x2xf32>
// CHECK: lcp.dense %[[R]], %[[W]] : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
// CHECK: %[[S:.*]] = lcp.merge sum %[[P]]#0, %[[P]]#1
// CHECK-NEXT: %[[A:.*]] = lcp.relu %[[S]]
// CHECK-NEXT: lcp.parallel shared(%[[A]] : tensor<1x3xf32>) -> tensor<1x2xf32>, tensor<1x2xf32>
// CHECK: lcp.merge concat
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<4x2xf32>
  %w2 = lcp.constant dense<[[1., 2., 3., 4.], [5., 6., 7., 8.], [9., 10., 11., 12.]]> : tensor<3x4xf32>
  %b2 = lcp.constant dense<[1., 2., 3.]> : tensor<3xf32>
  %w3 = lcp.constant dense<1.0> : tensor<4x3xf32>
  %w4 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1x4xf32>
  %r = lcp.relu %a : tensor<1x4xf32>
  %b = lcp.dense %r, %w2, %b2 : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %s = lcp.relu %b : tensor<1x3xf32>
  %c = lcp.dense %s, %w3 : (tensor<1x3xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %c, %w4 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// A residual block: its partial sums are added up before the shortcut is. The
// shortcut is put together and added whole, and the layer before the block is
// read by two and therefore merged, which the remark says.
// CHECK-LABEL: func.func @main
// CHECK: %[[P:.*]]:2 = lcp.parallel
// CHECK: %[[X:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// CHECK: %[[Q:.*]]:2 = lcp.parallel shared(%[[X]] : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
// CHECK: lcp.conv2d {{.*}} : (tensor<1x4x2x2xf32>, tensor<3x4x1x1xf32>) -> tensor<1x3x2x2xf32>
// CHECK: lcp.conv2d {{.*}} : (tensor<1x3x2x2xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x2x2xf32>
// CHECK: %[[S:.*]] = lcp.merge sum %[[Q]]#0, %[[Q]]#1
// CHECK-NEXT: %[[A:.*]] = lcp.add %[[S]], %[[X]]
// CHECK-NEXT: lcp.conv2d %[[A]]
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<6x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<4x6x1x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  // expected-remark@+1 {{lcp.conv2d is not paired with the layer before it: others read what it reads, which is merged anyway}}
  %b = lcp.conv2d %a, %w1 : (tensor<1x4x2x2xf32>, tensor<6x4x1x1xf32>) -> tensor<1x6x2x2xf32>
  %c = lcp.conv2d %b, %w2 : (tensor<1x6x2x2xf32>, tensor<4x6x1x1xf32>) -> tensor<1x4x2x2xf32>
  %d = lcp.add %c, %a : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %y = lcp.conv2d %d, %w3 : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

// Depthwise convolutions ride between the two layers of a pair. Where one would
// read the sum, it rides behind a layer that is cut by outputs instead, with a
// remark.
// CHECK-LABEL: func.func @main
// CHECK: lcp.parallel shared(%{{.*}} : tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
// CHECK: lcp.merge concat
// CHECK: lcp.parallel shared(%{{.*}} : tensor<1x4x2x2xf32>) -> tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>
// CHECK: lcp.conv2d {{.*}} : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>)
// CHECK: lcp.conv2d {{.*}} {groups = 2 : i64}
// CHECK: lcp.conv2d {{.*}} : (tensor<1x2x2x2xf32>, tensor<3x2x1x1xf32>)
// CHECK: lcp.merge sum
// CHECK-NOT: lcp.parallel
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4x1x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<3x4x1x1xf32>
  %w3 = lcp.constant dense<1.0> : tensor<2x3x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  // expected-remark@+1 {{lcp.conv2d is not paired with the layer before it: a grouped convolution after it rides in its branches, and would need a stage of its own}}
  %b = lcp.conv2d %a, %w1 : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %r = lcp.relu %b : tensor<1x4x2x2xf32>
  %c = lcp.conv2d %r, %w0 {groups = 4 : i64} : (tensor<1x4x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %d = lcp.conv2d %c, %w2 : (tensor<1x4x2x2xf32>, tensor<3x4x1x1xf32>) -> tensor<1x3x2x2xf32>
  %y = lcp.conv2d %d, %w3 : (tensor<1x3x2x2xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}
