// RUN: lcp-compile --target=rpi3 --head-target=rpi3 --report=%t.json %s -o %t.fb
// RUN: FileCheck %s < %t.json
// RUN: %python %S/Inputs/check_sums.py %t.json

// Two stages; a branch keeps %a for itself, and the second is twice as wide.
module attributes {lcp.model_name = "small", lcp.split = 2 : i64, lcp.trained_after_split = true} {
  func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> (tensor<1x6xf32> {lcp.name = "logits"}) {
    %a:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x4xf32> {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<2x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc1")
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<4x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc1")
      lcp.yield %y : tensor<1x4xf32>
    }
    %b:2 = lcp.parallel own(%a#0, %a#1 : tensor<1x2xf32>, tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x4xf32> {
    ^bb0(%in: tensor<1x2xf32>):
      %y = lcp.relu %in : tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %y = lcp.relu %in : tensor<1x4xf32>
      lcp.yield %y : tensor<1x4xf32>
    }
    %m = lcp.merge concat %b#0, %b#1 : (tensor<1x2xf32>, tensor<1x4xf32>) -> tensor<1x6xf32>
    return %m : tensor<1x6xf32>
  }
}

// Each device, in order: the image of 16 bytes comes in, the halves go out.
// CHECK:      "devices": [
// CHECK:        "activation_bytes": 24,
// CHECK:        "bytes_in": 16,
// CHECK-NEXT:   "bytes_out": 8,
// CHECK:        "macs": 8,
// CHECK:        "compute_ms": 8.92{{[0-9]+}}e-06,
// CHECK-NEXT:   "efficiency": "published",
// CHECK-NEXT:   "link_ms": 35.32{{[0-9]+}}
// CHECK:        "name": "device 0",
// CHECK:        "bytes_in": 16,
// CHECK-NEXT:   "bytes_out": 16,
// CHECK:        "macs": 16,
// CHECK:        "name": "device 1",
// CHECK:        "name": "coordinator",
// CHECK:      "inputs": [
// CHECK-NEXT:   {
// CHECK-NEXT:     "bytes": 16,
// CHECK-NEXT:     "name": "image",
// CHECK:      "model": "small"
// CHECK:      "one_device": {
// CHECK:        "macs": 24,
// CHECK:        "link_ms": 0
// CHECK:      "outputs": [
// CHECK-NEXT:   {
// CHECK-NEXT:     "bytes": 24,
// CHECK-NEXT:     "name": "logits",
// CHECK:      "round_trips": 2,
// CHECK:      "steps": [
// What stays on the device is not sent.
// CHECK:        "bytes_in": 16,
// CHECK-NEXT:   "bytes_out": 0,
// CHECK:        "layers": [
// CHECK-NEXT:     {
// CHECK-NEXT:       "activation_bytes": 24,
// CHECK-NEXT:       "bytes_out": 0,
// CHECK-NEXT:       "input_bytes": 16,
// CHECK-NEXT:       "kind": "dense",
// CHECK-NEXT:       "macs": 8,
// CHECK-NEXT:       "name": "fc1",
// CHECK-NEXT:       "op": "lcp.dense",
// CHECK-NEXT:       "output_bytes": 8,
// CHECK-NEXT:       "parameter_bytes": 32,
// CHECK-NEXT:       "parameters": 8,
// CHECK:        "placement": [
// CHECK-NEXT:     {
// CHECK-NEXT:       "kernel": "{{[a-z_]+}}
// CHECK-NEXT:       "layer": "fc1",
// CHECK-NEXT:       "reason": "",
// CHECK-NEXT:       "target": "rpi3"
