// RUN: lcp-opt --lcp-drop-no-ops %s | FileCheck %s

// CHECK-LABEL: func @drop
// CHECK-SAME:  (%[[X:.*]]: tensor<1x4xf32>)
// CHECK-NEXT:  %[[Y:.*]] = lcp.relu %[[X]]
// CHECK-NEXT:  return %[[Y]], %[[X]]
func.func @drop(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %0 = lcp.dropout %x : tensor<1x4xf32>
  %1 = lcp.identity %0 : tensor<1x4xf32>
  %2 = lcp.relu %1 : tensor<1x4xf32>
  return %2, %1 : tensor<1x4xf32>, tensor<1x4xf32>
}

// Inside a branch, too.
// CHECK-LABEL: func @branch
// CHECK:       ^bb0(%[[IN:.*]]: tensor<4xf32>):
// CHECK-NEXT:  lcp.yield %[[IN]]
func.func @branch(%x: tensor<4xf32>) -> tensor<4xf32> {
  %p = lcp.parallel shared(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%in: tensor<4xf32>):
    %0 = lcp.dropout %in : tensor<4xf32>
    lcp.yield %0 : tensor<4xf32>
  }
  %m = lcp.merge sum %p : (tensor<4xf32>) -> tensor<4xf32>
  return %m : tensor<4xf32>
}
