// The devices of a pipeline's stages travel in the metadata, one for each stage;
// a list that does not fit the stages makes the names worth nothing.
//
// REQUIRES: venv
// RUN: lcp-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/Inputs/text.py %t.onnx | FileCheck %s
// RUN: lcp-translate --import-onnx %t.onnx | FileCheck %s --check-prefix=AGAIN
// RUN: %python %S/Inputs/edit.py %t.onnx %t.short.onnx --metadata lcp.first_devices=0
// RUN: lcp-translate --import-onnx %t.short.onnx 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: %python %S/Inputs/edit.py %t.onnx %t.text.onnx --metadata lcp.first_devices=0,-1
// RUN: lcp-translate --import-onnx %t.text.onnx 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: %python %S/Inputs/edit.py %t.onnx %t.large.onnx --metadata lcp.first_devices=0,4096
// RUN: lcp-translate --import-onnx %t.large.onnx 2>&1 | FileCheck %s --check-prefix=BAD

// CHECK: "lcp.stages": "2", "lcp.first_devices": "0,3"]
// CHECK: "s0.b0/a"
// CHECK: "s1.b0/b"

// AGAIN: lcp.parallel shared(%arg0 : tensor<1x4xf32>) -> tensor<1x4xf32> {
// AGAIN: %[[M:.*]] = lcp.merge concat
// AGAIN: lcp.parallel shared(%[[M]] : tensor<1x4xf32>) attributes {lcp.first_device = 3 : i64} -> tensor<1x4xf32> {

// BAD: lcp-translate: warning: {{.*}}: its nodes' names do not give the branches of the split
// BAD-NOT: lcp.parallel
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %p = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %a = lcp.relu %in : tensor<1x4xf32> loc("a")
    lcp.yield %a : tensor<1x4xf32>
  }
  %m = lcp.merge concat %p : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %q = lcp.parallel shared(%m : tensor<1x4xf32>) attributes {lcp.first_device = 3 : i64} -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %b = lcp.sigmoid %in : tensor<1x4xf32> loc("b")
    lcp.yield %b : tensor<1x4xf32>
  }
  %n = lcp.merge concat %q : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %n : tensor<1x4xf32>
}
