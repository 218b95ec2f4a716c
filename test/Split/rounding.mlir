// RUN: lcp-translate --import-onnx %models/lenet-digits.onnx -o %t.mlirbc
// RUN: lcp-opt %t.mlirbc --lcp-split="factor=2 round=floor" --lcp-print-footprint=json=true -o /dev/null | FileCheck %s --check-prefix=SPLIT2
// RUN: lcp-opt %t.mlirbc --lcp-split="factor=4 round=floor" --lcp-print-footprint=json=true -o /dev/null | FileCheck %s --check-prefix=SPLIT4
// RUN: lcp-opt %t.mlirbc --lcp-split="factor=8 round=floor" --lcp-print-footprint=json=true -o /dev/null | FileCheck %s --check-prefix=SPLIT8
// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=50" --lcp-split-widths | FileCheck %s --check-prefix=FAT
// RUN: lcp-opt %s --lcp-plan-split="factor=6 round=floor" --lcp-split-widths | FileCheck %s --check-prefix=NARROW
// RUN: not lcp-opt %s --lcp-split="factor=2 round=up" 2>&1 | FileCheck %s --check-prefix=ROUND
// RUN: not lcp-opt %s --lcp-split="factor=2 fatten=-1" 2>&1 | FileCheck %s --check-prefix=PERCENT

// The numbers of parameters that the method's authors published for LeNet; the
// first "parameters" is that of all branches on one device.
// SPLIT2: "on_one_device"
// SPLIT2: "parameters": 31466
// SPLIT4: "on_one_device"
// SPLIT4: "parameters": 16094
// SPLIT8: "on_one_device"
// SPLIT8: "parameters": 8834

// Half as wide again: in each branch two old channels, then a new one, which
// the classifier does not hear.
// FAT: lcp.parallel {{.*}} -> tensor<1x3xf32>, tensor<1x3xf32>
// FAT: lcp.merge concat {{.*}} -> tensor<1x6xf32>
// FAT: lcp.dense {{.*}} (tensor<1x6xf32>, tensor<2x6xf32>)
// FAT: "0x400000000000803F0000004000000000000040400000804000000000

// Fewer channels than branches: four branches get one each, two a new one.
// NARROW: lcp.parallel
// NARROW-COUNT-6: lcp.yield %{{.*}} : tensor<1x1xf32>
// NARROW: lcp.merge concat {{.*}} -> tensor<1x6xf32>

// ROUND: lcp-opt: for the --round option: round='up' is not spread or floor
// PERCENT: lcp-opt: error: {{.*}}fatten must be a percentage from 0 to 1000, not -1
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[1.], [2.], [3.], [4.]]> : tensor<4x1xf32>
  %w1 = lcp.constant dense<[[1., 2., 3., 4.], [0., 0., 0., 0.]]> : tensor<2x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32> loc("fc1")
  %y = lcp.dense %a, %w1 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc2")
  return %y : tensor<1x2xf32>
}
