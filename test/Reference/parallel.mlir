// RUN: lcp-reference %s --function=stages | FileCheck %s
// RUN: lcp-reference %s --function=observed --max-abs | FileCheck %s --check-prefix=OBSERVED
// RUN: not lcp-reference %s --function=foreign 2>&1 | FileCheck %s --check-prefix=FOREIGN

// Two stages: the second reads what its own branch made, and a shared value.
// CHECK: @stages: tensor<1x4xf32> [111, 23, 112, 24]
// CHECK: @stages: tensor<1x2xf32> [134, 136]
func.func @stages() -> (tensor<1x4xf32>, tensor<1x2xf32>) {
  %x = lcp.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %0 = lcp.slice %in {begin = 0 : i64, end = 2 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
    lcp.yield %0 : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    %0 = lcp.slice %in {begin = 2 : i64, end = 4 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
    lcp.yield %0 : tensor<1x2xf32>
  }
  %k = lcp.constant dense<10.0> : tensor<1x2xf32>
  %q:2 = lcp.parallel shared(%k : tensor<1x2xf32>) own(%p#0, %p#1 : tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%shared: tensor<1x2xf32>, %own: tensor<1x2xf32>):
    %0 = lcp.add %shared, %own : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %c = lcp.constant dense<100.0> : tensor<1x2xf32>
    %1 = lcp.add %0, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    lcp.yield %1 : tensor<1x2xf32>
  }, {
  ^bb0(%shared: tensor<1x2xf32>, %own: tensor<1x2xf32>):
    %0 = lcp.add %shared, %own : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = lcp.add %0, %shared : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    lcp.yield %1 : tensor<1x2xf32>
  }
  // Branch 0 holds 111, 112 and branch 1 holds 23, 24: the order interleaves.
  %m = lcp.merge concat %q#0, %q#1 {order = array<i64: 0, 2, 1, 3>} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %s = lcp.merge sum %q#0, %q#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %m, %s : tensor<1x4xf32>, tensor<1x2xf32>
}

// Arguments of branches and results of the stage are seen, constants are not.
// OBSERVED:      argument 0: 3
// OBSERVED-NEXT: lcp.relu: 2
// OBSERVED-NEXT: lcp.parallel: 2
// OBSERVED-NEXT: lcp.merge: 2
// OBSERVED-NOT:  constant
func.func @observed() -> tensor<2xf32> {
  %x = lcp.constant dense<[-3.0, 2.0]> : tensor<2xf32>
  %p = lcp.parallel shared(%x : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%in: tensor<2xf32>):
    %0 = lcp.relu %in : tensor<2xf32>
    lcp.yield %0 : tensor<2xf32>
  }
  %m = lcp.merge concat %p {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return %m : tensor<2xf32>
}

func.func private @elsewhere(tensor<1xf32>) -> tensor<1xf32>

// FOREIGN: parallel.mlir:{{.*}}: 'func.call' op is not an op that the reference interpreter runs
func.func @foreign() -> tensor<1xf32> {
  %x = lcp.constant dense<1.0> : tensor<1xf32>
  %y = func.call @elsewhere(%x) : (tensor<1xf32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}
