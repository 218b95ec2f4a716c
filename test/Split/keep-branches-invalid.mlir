// RUN: rm -rf %t && split-file %s %t
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches=2 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: error: {{.*}}there is no branch 2 to keep; the model has 0 to 1
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches=0,-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: error: {{.*}}there is no branch -1 to keep; the model has 0 to 1
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches=1,0,1 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: error: {{.*}}branch 1 is named twice
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: {{.*}}say which branches to keep: lcp-keep-branches=0,2
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches=first 2>&1 | FileCheck %s --check-prefix=WORD
// WORD: 'first' value invalid
// RUN: not lcp-opt %t/whole.mlir --lcp-keep-branches=0 2>&1 | FileCheck %s --check-prefix=WHOLE
// WHOLE: error: {{.*}}the model is not split: there are no branches to choose from
// RUN: not lcp-opt %t/unlike.mlir --lcp-keep-branches=0 2>&1 | FileCheck %s --check-prefix=UNLIKE
// UNLIKE: error: {{.*}}has 3 branches where an earlier lcp.parallel has 2
// RUN: not lcp-opt %t/two.mlir --lcp-keep-branches=1 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: error: {{.*}}cannot leave out branches: result 0 of the model is what all of them made

//--- whole.mlir
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %y = lcp.relu %x : tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
//--- two.mlir
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x8xf32> {
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %a = lcp.relu %in : tensor<1x4xf32>
    lcp.yield %a : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    %b = lcp.sigmoid %in : tensor<1x4xf32>
    lcp.yield %b : tensor<1x4xf32>
  }
  %m = lcp.merge concat %p#0, %p#1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  return %m : tensor<1x8xf32>
}
//--- unlike.mlir
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  %m = lcp.merge sum %p#0, %p#1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %q:3 = lcp.parallel shared(%m : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  %n = lcp.merge sum %q#0, %q#1, %q#2 : (tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %n : tensor<1x4xf32>
}
