// RUN: lcp-compile --target=host --report=%t.json %s -o %t.fb && FileCheck %s < %t.json

// What each branch carries and computes, for scripts.
module attributes {lcp.model_name = "small"} {
  func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> (tensor<1x2xf32> {lcp.name = "logits"}) {
    %w = lcp.constant dense<0.5> : tensor<2x4xf32>
    %b = lcp.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %y = lcp.dense %x, %w, %b : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("fc")
    return %y : tensor<1x2xf32>
  }
}

// CHECK:      "inputs": [
// CHECK-NEXT:   {
// CHECK-NEXT:     "bytes": 16,
// CHECK-NEXT:     "name": "image",
// CHECK:      "model": "small"
// CHECK-NEXT: "outputs": [
// CHECK-NEXT:   {
// CHECK-NEXT:     "bytes": 8,
// CHECK-NEXT:     "name": "logits",
// CHECK:      "steps": [
// CHECK:      "layer": "fc"
// CHECK:      "macs": 8,
// CHECK:      "parameters": 10,
// CHECK:      "target": "host"
