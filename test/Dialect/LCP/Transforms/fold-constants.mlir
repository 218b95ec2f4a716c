// RUN: lcp-opt --lcp-fold-constants %s | FileCheck %s
// RUN: lcp-opt --lcp-fold-constants %s | lcp-reference - --function=chain | FileCheck %s --check-prefix=VALUE

// Only the value that is returned is kept, and the add of the argument.
// CHECK-LABEL: func @chain
// CHECK-NEXT:  %[[C:.*]] = lcp.constant dense_resource<folded{{.*}}> : tensor<2x2xf32>
// CHECK-NEXT:  return %[[C]]
// VALUE: @chain: tensor<2x2xf32> [3, 4, 5, 6]
func.func @chain() -> tensor<2x2xf32> {
  %0 = lcp.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = lcp.constant dense<[[2.0], [4.0]]> : tensor<2x1xf32>
  %2 = lcp.add %0, %1 : (tensor<2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %3 = lcp.relu %2 : tensor<2x2xf32>
  return %3 : tensor<2x2xf32>
}

// CHECK-LABEL: func @argument
// CHECK-NEXT:  lcp.constant dense<1.000000e+00>
// CHECK-NEXT:  lcp.add %arg0
func.func @argument(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = lcp.constant dense<1.0> : tensor<2xf32>
  %1 = lcp.add %x, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// A branch is not a constant, whatever it computes; what is in it may be.
// CHECK-LABEL: func @branch
// CHECK:       lcp.parallel
// CHECK-NEXT:  lcp.constant dense_resource<folded{{.*}}> : tensor<2xi8>
// CHECK-NEXT:  lcp.yield
// CHECK:       lcp.merge
func.func @branch() -> tensor<2xi8> {
  %p = lcp.parallel -> tensor<2xi8> {
    %0 = lcp.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %1 = lcp.quantize %0 {scale = 1.0 : f32} : (tensor<2xf32>) -> tensor<2xi8>
    lcp.yield %1 : tensor<2xi8>
  }
  %m = lcp.merge sum %p : (tensor<2xi8>) -> tensor<2xi8>
  return %m : tensor<2xi8>
}
