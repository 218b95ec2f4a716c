// RUN: rm -rf %t && split-file %s %t
// RUN: not lcp-opt %t/two.mlir --lcp-split-layers=3 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: error: {{.*}}cannot cut the network into 3 stages of at least one layer: it has 2
// RUN: not lcp-opt %t/two.mlir --lcp-split-layers=0 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: error: {{.*}}the factor must be a number of stages from 1 to 4096, not 0
// RUN: not lcp-opt %t/two.mlir --lcp-split-layers 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not lcp-opt %t/two.mlir --lcp-split-layers=2 --lcp-split-layers=2 2>&1 | FileCheck %s --check-prefix=AGAIN
// AGAIN: error: {{.*}}the network is divided already
// RUN: not lcp-opt %t/two.mlir --lcp-split-layers=2 --lcp-remove-nonbranch-connections 2>&1 | FileCheck %s --check-prefix=REMOVE
// REMOVE: error: {{.*}}'lcp.parallel' op begins at device 1: stages on devices of their own have no connections between branches to remove

//--- two.mlir
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %a = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %a, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
