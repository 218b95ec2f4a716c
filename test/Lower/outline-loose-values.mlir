// RUN: lcp-compile --target=host --compile-to=outline %s -o - | FileCheck %s

// Every output of a program is written by a step: an argument and a value that
// is returned twice pass through a serial stage.
func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> (tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>) {
  %y = lcp.relu %x : tensor<1x4xf32>
  return %x, %y, %y : tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>
}

// CHECK:     // stage, serial, 1 branches
// CHECK:     func.func @s0.b0
// CHECK-DAG:   %[[Y:.*]] = lcp.relu
// CHECK-DAG:   %[[I:.*]] = lcp.identity %arg0
// CHECK-DAG:   %[[J:.*]] = lcp.identity %[[Y]]
// CHECK:       return
// CHECK-NOT: stage
