// RUN: lcp-opt %s --lcp-split="factor=2 keep-every=2" | FileCheck %s --check-prefix=EVERY
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1" | FileCheck %s --check-prefix=FIRST
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1 join=shuffle" | FileCheck %s --check-prefix=SHUFFLE
// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | sed "s/joins = .*//" > %t.widths
// RUN: lcp-opt %s --lcp-split="factor=2 keep-every=1" | sed "s/joins = .*//" | diff %t.widths -
// RUN: lcp-opt %s --lcp-split="factor=2 keep-first=1 join=shuffle" --lcp-print-footprint -o /dev/null | FileCheck %s --check-prefix=BYTES
// RUN: not lcp-opt %s --lcp-split="factor=2 keep-every=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not lcp-opt %s --lcp-split="factor=2 join=sum" 2>&1 | FileCheck %s --check-prefix=JOIN
// RUN: not lcp-opt %s --lcp-split="factor=2 join=shuffle" 2>&1 | FileCheck %s --check-prefix=NONE

// Joins 1, 2 and 3 are those of fc2, fc3 and fc4; fc5 is the classifier. Join 2
// is kept: fc3 reads the merged value, the others their branch's own.
// EVERY: lcp.trained_after_split = false
// EVERY: %[[P:.*]]:2 = lcp.parallel
// EVERY: lcp.dense {{.*}} tensor<4x2xf32>
// EVERY: lcp.dense {{.*}} tensor<4x4xf32>
// EVERY: %[[M:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// EVERY: lcp.parallel shared(%[[M]] : tensor<1x8xf32>)
// EVERY: lcp.dense {{.*}} tensor<4x8xf32>
// EVERY: lcp.dense {{.*}} tensor<4x4xf32>
// EVERY-NOT: lcp.parallel

// FIRST: lcp.parallel
// FIRST: lcp.dense {{.*}} tensor<4x2xf32>
// FIRST-NOT: lcp.dense
// FIRST: lcp.yield
// FIRST: lcp.parallel shared(%{{.*}} : tensor<1x8xf32>)
// FIRST-COUNT-2: lcp.dense {{.*}} tensor<4x{{[48]}}xf32>
// FIRST-NOT: lcp.parallel

// The second branch reads channels 2 and 3 of both: rows 2, 3, 6 and 7 of the
// whole. Each branch sends two pieces.
// SHUFFLE: %[[P:.*]]:4 = lcp.parallel
// SHUFFLE: lcp.slice {{.*}} {begin = 0 : i64, end = 2 : i64}
// SHUFFLE: lcp.slice {{.*}} {begin = 2 : i64, end = 4 : i64}
// SHUFFLE: %[[A:.*]] = lcp.merge concat %[[P]]#0, %[[P]]#1
// SHUFFLE: %[[B:.*]] = lcp.merge concat %[[P]]#2, %[[P]]#3
// SHUFFLE: lcp.parallel shared(%[[A]], %[[B]] : tensor<1x4xf32>, tensor<1x4xf32>)
// SHUFFLE-NEXT: ^bb0(%[[X:.*]]: tensor<1x4xf32>, %{{.*}}: tensor<1x4xf32>):
// SHUFFLE: lcp.constant dense<{{\[\[}}0.{{0*e[+]00}}, 1.{{0*e[+]00}}, 4.{{0*e[+]00}}, 5.{{0*e[+]00}}]
// SHUFFLE: lcp.dense %[[X]],
// SHUFFLE: }, {
// SHUFFLE-NEXT: ^bb0(%{{.*}}: tensor<1x4xf32>, %[[Y:.*]]: tensor<1x4xf32>):
// SHUFFLE: lcp.constant dense<{{\[\[}}2.{{0*e[+]00}}, 3.{{0*e[+]00}}, 6.{{0*e[+]00}}, 7.{{0*e[+]00}}]
// SHUFFLE: lcp.dense %[[Y]],

// 8 bytes of input and half of the four dealt channels, the others are its own; the
// half of the four that it deals, and the four at the end.
// BYTES: device 0 {{.*}} 16 24

// NEGATIVE: error: {{.*}}keep-every and keep-first must be 0 (no joins) or more, not -1
// NONE: error: {{.*}}join=shuffle says how a join is kept; say which, by keep-every or keep-first
// JOIN: lcp-opt: for the --join option: join='sum' is not whole or shuffle
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w1 = lcp.constant dense<1.0> : tensor<8x2xf32>
  %w2 = lcp.constant dense<[[0., 1., 2., 3., 4., 5., 6., 7.], [0., 1., 2., 3., 4., 5., 6., 7.],
                            [0., 1., 2., 3., 4., 5., 6., 7.], [0., 1., 2., 3., 4., 5., 6., 7.],
                            [0., 1., 2., 3., 4., 5., 6., 7.], [0., 1., 2., 3., 4., 5., 6., 7.],
                            [0., 1., 2., 3., 4., 5., 6., 7.], [0., 1., 2., 3., 4., 5., 6., 7.]]> : tensor<8x8xf32>
  %w3 = lcp.constant dense<2.0> : tensor<8x8xf32>
  %w4 = lcp.constant dense<3.0> : tensor<8x8xf32>
  %w5 = lcp.constant dense<1.0> : tensor<2x8xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x2xf32>, tensor<8x2xf32>) -> tensor<1x8xf32> loc("fc1")
  %b = lcp.dense %a, %w2 : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc2")
  %c = lcp.dense %b, %w3 : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc3")
  %d = lcp.dense %c, %w4 : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32> loc("fc4")
  %y = lcp.dense %d, %w5 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32> loc("fc5")
  return %y : tensor<1x2xf32>
}
