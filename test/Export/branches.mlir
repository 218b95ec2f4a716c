// A split model becomes one flat graph; its names and metadata give the branches
// back. A branch that hands on what it got is held by an Identity.
//
// REQUIRES: venv
// RUN: lcp-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/Inputs/text.py %t.onnx | FileCheck %s
// RUN: lcp-translate --import-onnx %t.onnx | FileCheck %s --check-prefix=AGAIN
// RUN: %python %S/Inputs/edit.py %t.onnx %t.trained.onnx --metadata lcp.trained_after_split=true
// RUN: lcp-translate --import-onnx %t.trained.onnx | FileCheck %s --check-prefix=TRAINED
// RUN: %python %S/Inputs/edit.py %t.onnx %t.crossed.onnx --rename s0.b0/fc=s0.b1/other
// RUN: lcp-translate --import-onnx %t.crossed.onnx 2>&1 | FileCheck %s --check-prefix=CROSSED

// CHECK: metadata_props: ["lcp.model_name": "par", "lcp.stages": "2", "lcp.split": "2", "lcp.trained_after_split": "false"]
// CHECK: ["s0.b0/fc"] "s0.b0/fc" = Gemm <transB: int = 1> (x, "s0.b0/constant")
// CHECK: ["s0.b0/pass"] "s0.b0/pass" = Identity (x)
// CHECK: ["s0.b1/fc"] "s0.b1/fc" = Gemm <transB: int = 1> (x, "s0.b1/constant")
// CHECK: ["s1.b0/act"] "s1.b0/act" = Relu ("s0.b0/fc")
// CHECK: ["s0.concat0/join"] "s0.concat0/join.joined" = Concat <axis: int = 1> ("s0.b0/fc", "s0.b1/fc")
// CHECK: ["s0.concat0/join.ordered"] y = Gather <axis: int = 1> ("s0.concat0/join.joined", "s0.concat0/join.order")
// CHECK: ["s1.sum0/total"] z = Sum ("s1.b0/act", "s1.b1/act")

// AGAIN: module attributes {lcp.model_name = "par", lcp.split = 2 : i64, lcp.trained_after_split = false}
// AGAIN: %[[P:.*]]:2 = lcp.parallel shared(%arg0 : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
// AGAIN: lcp.constant dense_resource<s0.b0_constant>
// AGAIN: lcp.dense
// AGAIN: }, {
// AGAIN: lcp.constant dense_resource<s0.b1_constant>
// AGAIN: %[[Q:.*]]:2 = lcp.parallel own(%[[P]]#0, %[[P]]#1 : tensor<1x2xf32>, tensor<1x2xf32>)
// AGAIN: lcp.merge concat %[[P]]#0, %[[P]]#1 {order = array<i64: 0, 2, 1, 3>}
// AGAIN: lcp.merge sum %[[Q]]#0, %[[Q]]#1

// TRAINED: lcp.split = 2 : i64, lcp.trained_after_split = true

// CROSSED: lcp-translate: warning: {{.*}}: its nodes' names do not give the branches of the split
// CROSSED-NOT: lcp.parallel
// CROSSED: lcp.dense
module attributes {lcp.model_name = "par", lcp.split = 2 : i64, lcp.trained_after_split = false} {
func.func @main(%x: tensor<1x8xf32> {lcp.name = "x"}) -> (tensor<1x4xf32> {lcp.name = "y"}, tensor<1x2xf32> {lcp.name = "z"}) {
  %p:4 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x8xf32>, tensor<1x8xf32> {
  ^bb0(%in: tensor<1x8xf32>):
    %w0 = lcp.constant dense<0.5> : tensor<2x8xf32>
    %y = lcp.dense %in, %w0 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32> loc("fc")
    lcp.yield %y, %in : tensor<1x2xf32>, tensor<1x8xf32>
  }, {
  ^bb0(%in: tensor<1x8xf32>):
    %w1 = lcp.constant dense<0.25> : tensor<2x8xf32>
    %y = lcp.dense %in, %w1 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32> loc("fc")
    lcp.yield %y, %in : tensor<1x2xf32>, tensor<1x8xf32>
  }
  %q:2 = lcp.parallel own(%p#0, %p#1 : tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x2xf32>):
    %y = lcp.relu %in : tensor<1x2xf32> loc("act")
    lcp.yield %y : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x2xf32>):
    %y = lcp.relu %in : tensor<1x2xf32> loc("act")
    lcp.yield %y : tensor<1x2xf32>
  }
  %m = lcp.merge concat %p#0, %p#1 {order = array<i64: 0, 2, 1, 3>} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32> loc("join")
  %s = lcp.merge sum %q#0, %q#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("total")
  return %m, %s : tensor<1x4xf32>, tensor<1x2xf32>
}}
