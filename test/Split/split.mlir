// RUN: lcp-opt %s --lcp-split=4 | FileCheck %s --check-prefix=CONCAT
// RUN: lcp-opt %s --lcp-split="factor=4 merge=auto" | FileCheck %s --check-prefix=LOGITS
// RUN: lcp-opt %s --lcp-split="factor=2 merge=auto" | FileCheck %s --check-prefix=LOGITS2
// RUN: lcp-opt %s --lcp-split="factor=2 merge=sum-features" | FileCheck %s --check-prefix=FEATURES
// RUN: lcp-opt %s --lcp-split="factor=2 classifier=fc1" | FileCheck %s --check-prefix=NODE
// RUN: not lcp-opt %s --lcp-split=0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not lcp-opt %s --lcp-split=two 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not lcp-opt %S/column-row.mlir --split-input-file --lcp-split="factor=2 cut=column-row" 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not lcp-opt %s --lcp-split="factor=2 merge=mean" 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not lcp-opt %s --lcp-split="factor=2 classifier=fc9" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not lcp-opt %s --lcp-split="factor=3 merge=sum-features" 2>&1 | FileCheck %s --check-prefix=UNEVEN
// RUN: not lcp-opt %s --lcp-remove-nonbranch-connections 2>&1 | FileCheck %s --check-prefix=WHOLE

// CONCAT: module attributes {lcp.plan = #plan, lcp.split = 4 : i64, lcp.trained_after_split = false}
// CONCAT: lcp.parallel {{.*}} -> tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
// CONCAT-COUNT-4: lcp.yield
// CONCAT-NOT: lcp.parallel
// CONCAT: lcp.merge concat {{.*}} -> tensor<1x8xf32>
// CONCAT: lcp.dense {{.*}} -> tensor<1x2xf32>

// 4 x 2 logits are not fewer than 8 features; 2 x 2 are.
// The plan has what auto came to.
// LOGITS: merge = concat
// LOGITS: lcp.merge concat
// LOGITS2: merge = sum_logits
// LOGITS2: lcp.parallel {{.*}} -> tensor<1x2xf32>, tensor<1x2xf32>
// LOGITS2: lcp.constant dense<{{\[\[}}1.{{0*e[+]00}}, 2.{{0*e[+]00}}, 3.{{0*e[+]00}}, 4.{{0*e[+]00}}], {{.*}}> : tensor<2x4xf32>
// LOGITS2: lcp.dense {{.*}} : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
// LOGITS2: %[[S:.*]] = lcp.merge sum
// LOGITS2: lcp.add %[[S]], %{{.*}} : (tensor<1x2xf32>, tensor<2xf32>)

// The mean of the two branches' columns: (1 + 5) / 2 = 3, and so on.
// FEATURES: lcp.merge sum {{.*}} -> tensor<1x4xf32>
// FEATURES: lcp.dense {{.*}} : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32>
// FEATURES: .mean: "0x4000000000004040

// NODE: lcp.dense %{{.*}} : (tensor<1x1xf32>, tensor<8x1xf32>) -> tensor<1x8xf32>

// OPTION: lcp-opt: error: {{.*}}the plan has partial sums, of 
// ZERO: lcp-opt: error: {{.*}}the factor must be a number of branches from 1 to 4096, not 0
// WORD: factor='two' is not a number of branches or auto
// MODE: lcp-opt: for the --merge option: merge='mean' is not concat, sum-logits, sum-features or auto
// NAME: lcp-opt: error: {{.*}}there is no layer named 'fc9' to be the classifier
// UNEVEN: lcp-opt: error: node 'fc2': merge=sum-features needs branches of equal width, but 8 features do not divide by 3; use round=floor
// WHOLE: lcp-opt: error: {{.*}}there is no lcp.parallel; run lcp-split-widths first
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<[[1.], [2.], [3.], [4.], [5.], [6.], [7.], [8.]]> : tensor<8x1xf32>
  %w1 = lcp.constant dense<[[1., 2., 3., 4., 5., 6., 7., 8.], [8., 7., 6., 5., 4., 3., 2., 1.]]> : tensor<2x8xf32>
  %b1 = lcp.constant dense<[1., 2.]> : tensor<2xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<8x1xf32>) -> tensor<1x8xf32> loc("fc1")
  %y = lcp.dense %a, %w1, %b1 : (tensor<1x8xf32>, tensor<2x8xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("fc2")
  return %y : tensor<1x2xf32>
}
