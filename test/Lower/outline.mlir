// RUN: lcp-compile --target=host --compile-to=outline %s -o - | FileCheck %s

// A serial stage, a parallel one with a shared and an own operand, a merge, and
// the serial head.
module attributes {lcp.model_name = "small"} {
  func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> (tensor<1x2xf32> {lcp.name = "logits"}) {
    %0 = lcp.relu %x : tensor<1x4xf32> loc("first")
    %p:2 = lcp.parallel shared(%0 : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
    ^bb0(%in: tensor<1x4xf32>):
      %y = lcp.sigmoid %in : tensor<1x4xf32>
      lcp.yield %y : tensor<1x4xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %y = lcp.tanh %in : tensor<1x4xf32>
      lcp.yield %y : tensor<1x4xf32>
    }
    %q:2 = lcp.parallel shared(%x : tensor<1x4xf32>) own(%p#0, %p#1 : tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
    ^bb0(%in: tensor<1x4xf32>, %mine: tensor<1x4xf32>):
      %y = lcp.add %in, %mine : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
      lcp.yield %y : tensor<1x4xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>, %mine: tensor<1x4xf32>):
      %y = lcp.mul %in, %mine : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
      lcp.yield %y : tensor<1x4xf32>
    }
    %m = lcp.merge concat %q#0, %q#1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
    %w = lcp.constant dense<0.5> : tensor<2x8xf32>
    %y = lcp.dense %m, %w : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  }
}

// CHECK:       // stage, serial, 1 branches
// CHECK-NEXT:  // (image : tensor<1x4xf32>) -> (first : tensor<1x4xf32>)
// CHECK:       func.func @s0.b0
// CHECK:         lcp.relu
// CHECK:       // stage, parallel, 2 branches
// CHECK-NEXT:  // (first : tensor<1x4xf32>) -> (s1.b0.r0 : tensor<1x4xf32>)
// CHECK:       func.func @s1.b0
// CHECK:         lcp.sigmoid
// CHECK:       func.func @s1.b1
// CHECK:         lcp.tanh
// CHECK:       // stage, parallel, 2 branches
// CHECK-NEXT:  // (image : tensor<1x4xf32>, s1.b0.r0 : tensor<1x4xf32>) -> (s2.b0.r0 : tensor<1x4xf32>)
// CHECK:         lcp.add
// CHECK:       // (image : tensor<1x4xf32>, s1.b1.r0 : tensor<1x4xf32>) -> (s2.b1.r0 : tensor<1x4xf32>)
// CHECK:         lcp.mul
// CHECK:       // merge concat (s2.b0.r0 : tensor<1x4xf32>, s2.b1.r0 : tensor<1x4xf32>) -> [[M:.*]] : tensor<1x8xf32>
// CHECK:       // stage, serial, 1 branches
// CHECK-NEXT:  // ([[M]] : tensor<1x8xf32>) -> (logits : tensor<1x2xf32>)
// CHECK:       func.func @s3.b0
// CHECK:         lcp.constant
// CHECK:         lcp.dense
