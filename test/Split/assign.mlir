// RUN: lcp-opt %s --lcp-plan-split="factor=2 assign=affinity" --lcp-split-widths 2>%t.said | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAID < %t.said
// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity" 2>/dev/null | FileCheck %s --check-prefix=SPLIT
// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | FileCheck %s --check-prefix=CONTIGUOUS
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=affinity round=floor" 2>&1 | FileCheck %s --check-prefix=FLOOR
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=nearest" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Channels 0 and 2 of the second layer hear channels 0 and 2 of the first, 1 and
// 3 the others: affinity divides both layers into even and odd channels and
// loses nothing; contiguous channels lose half.

// SAID: assign=affinity keeps 100.0 % of squared weight within branches, where contiguous channels keep 50.0 %

// CHECK-COUNT-2: lcp.merge {{.*}}order = array<i64: 2, 0, 3, 1>

// CONTIGUOUS-NOT: order =

// Each branch keeps its ones.
// SPLIT-COUNT-2: lcp.constant dense<1.000000e+00> : tensor<2x2xf32>
// SPLIT: lcp.merge {{.*}}order = array<i64: 2, 0, 3, 1>

// FLOOR: assign=affinity chooses among all channels of a layer, and round=floor drops some; use round=spread
// UNKNOWN: assign='nearest' is not contiguous or affinity

func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %w1 = lcp.constant dense<[[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  %b = lcp.dense %a, %w1 : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %b, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
