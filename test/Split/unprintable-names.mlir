// Names come from files that others made. Whatever they are made of, a message is
// one line, and a table keeps its rows.
// RUN: not lcp-opt %s --lcp-plan-split=8 2>&1 | FileCheck %s --check-prefix=NARROW
// RUN: lcp-opt %s --lcp-print-footprint -o /dev/null | FileCheck %s --check-prefix=TABLE

// NARROW: lcp-opt: error: 'fc\x00 \x1b[31m1' (lcp.dense) has 6 channels, too few for 8 branches
// TABLE:      fc\x00\x0a\x1b[31m1 12 12
// TABLE-NEXT: fc2 6 6
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<6x2xf32>
  %w2 = lcp.constant dense<1.0> : tensor<1x6xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x2xf32>, tensor<6x2xf32>) -> tensor<1x6xf32> loc("fc\00\0A\1B[31m1")
  %y = lcp.dense %a, %w2 : (tensor<1x6xf32>, tensor<1x6xf32>) -> tensor<1x1xf32> loc("fc2")
  return %y : tensor<1x1xf32>
}
