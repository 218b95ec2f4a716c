// A model that was cut and not trained since is said to be so; its widths form,
// which is the original function, is not.
// RUN: lcp-opt --lcp-plan-split=2 --lcp-split-widths %s -o %t.widths.mlirbc
// RUN: lcp-compile --target=host %t.widths.mlirbc -o %t.widths.fb 2>&1 | count 0
// RUN: lcp-opt --lcp-split=2 %s -o %t.split.mlirbc
// RUN: lcp-compile --target=host %t.split.mlirbc -o %t.split.fb 2>&1 | FileCheck %s
// CHECK: lcp-compile: warning: the model was split in 2 and not trained since: its answers mean nothing yet

func.func @main(%x: tensor<1x8xf32> {lcp.name = "x"}) -> (tensor<1x3xf32> {lcp.name = "y"}) {
  %w = lcp.constant dense<0.5> : tensor<4x8xf32>
  %0 = lcp.dense %x, %w : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
  %1 = lcp.relu %0 : tensor<1x4xf32>
  %v = lcp.constant dense<0.25> : tensor<6x4xf32>
  %2 = lcp.dense %1, %v : (tensor<1x4xf32>, tensor<6x4xf32>) -> tensor<1x6xf32>
  %u = lcp.constant dense<0.125> : tensor<3x6xf32>
  %3 = lcp.dense %2, %u : (tensor<1x6xf32>, tensor<3x6xf32>) -> tensor<1x3xf32>
  return %3 : tensor<1x3xf32>
}
