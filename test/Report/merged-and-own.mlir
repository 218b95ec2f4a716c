// A value that a merge for the coordinator reads goes there, and stays for the next
// stage on the device that made it (docs/rationale/direct-exchange.md).
// RUN: lcp-opt %s --lcp-print-footprint=json -o /dev/null | FileCheck %s --check-prefix=OPT
// RUN: lcp-compile --target=rpi3 --head-target=rpi3 --report=%t.json %s -o %t.fb
// RUN: FileCheck %s < %t.json
// RUN: %python %S/Inputs/check_sums.py %t.json

module attributes {lcp.model_name = "small", lcp.split = 2 : i64, lcp.trained_after_split = true} {
  func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> (tensor<1x8xf32> {lcp.name = "logits"}) {
    %a:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<2x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc1")
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<2x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc1")
      lcp.yield %y : tensor<1x2xf32>
    }
    %m = lcp.merge concat %a#0, %a#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %b:2 = lcp.parallel own(%a#0, %a#1 : tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
    ^bb0(%in: tensor<1x2xf32>):
      %y = lcp.relu %in : tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x2xf32>):
      %y = lcp.relu %in : tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }
    %n = lcp.merge concat %b#0, %b#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %y = lcp.concat %m, %n {axis = 1 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
    return %y : tensor<1x8xf32>
  }
}

// The image of 16 bytes; 8 go out, twice.
// OPT:      "devices": [
// OPT:        "bytes_in": 16,
// OPT-NEXT:   "bytes_out": 16,

// CHECK:      "devices": [
// CHECK:        "bytes_in": 16,
// CHECK-NEXT:   "bytes_out": 16,
// CHECK:      "steps": [
// CHECK:        "bytes_in": 16,
// CHECK-NEXT:   "bytes_out": 8,
// CHECK:        "name": "s0.b0.r0"
// CHECK:        "bytes_in": 0,
// CHECK-NEXT:   "bytes_out": 8,
