// RUN: lcp-opt %s --lcp-split=3 --lcp-keep-branches=1 | FileCheck %s --check-prefix=CONCAT
// RUN: lcp-opt %s --lcp-split="factor=3 assign=affinity" --lcp-keep-branches=branches=2,0 | FileCheck %s --check-prefix=ORDER
// RUN: lcp-opt %s --lcp-split="factor=3 merge=sum-logits" --lcp-keep-branches=0,2 | FileCheck %s --check-prefix=SUM
// RUN: lcp-opt %s --lcp-split="factor=3 merge=sum-logits" --lcp-keep-branches=2 | FileCheck %s --check-prefix=TERM
// RUN: lcp-opt %s --lcp-split="factor=3 keep-every=1" --lcp-keep-branches=0,1 | FileCheck %s --check-prefix=JOINS
// RUN: lcp-opt %s --lcp-split=3 --lcp-keep-branches=0,1,2 | FileCheck %s --check-prefix=ALL
//
// Of 5 and 6 channels branch 0 has 2 and 2, branch 1 the next 2 and 2, branch 2 the
// last 1 and 2.
//
// CONCAT: lcp.split = 3 : i64
// CONCAT: %[[P:.*]] = lcp.parallel shared(%arg0 : tensor<1x2xf32>) -> tensor<1x2xf32> {
// CONCAT-NOT: }, {
// CONCAT: %[[M:.*]] = lcp.merge concat %[[P]] : (tensor<1x2xf32>) -> tensor<1x2xf32>
// CONCAT: %[[W:.*]] = lcp.constant dense<{{\[\[}}3.000000e+00, 4.000000e+00], [9.000000e+00, 1.000000e+01]]> : tensor<2x2xf32>
// CONCAT: lcp.dense %[[M]], %[[W]], %{{.*}} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
// CONCAT-NOT: lcp.constant

// ORDER: lcp.parallel {{.*}} -> tensor<1x2xf32>, tensor<1x2xf32> {
// ORDER: lcp.merge concat %{{.*}}#0, %{{.*}}#1 {{.*}}-> tensor<1x4xf32>
// ORDER: lcp.dense {{.*}} tensor<2x4xf32>

// SUM: %[[P:.*]]:2 = lcp.parallel
// SUM: %[[S:.*]] = lcp.merge sum %[[P]]#0, %[[P]]#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
// SUM: lcp.add %[[S]], %{{.*}} : (tensor<1x2xf32>, tensor<2xf32>)
// SUM-NOT: lcp.add

// TERM: %[[P:.*]] = lcp.parallel
// TERM: %[[S:.*]] = lcp.merge concat %[[P]] : (tensor<1x2xf32>) -> tensor<1x2xf32>
// TERM: lcp.add %[[S]]

// Behind a join the columns of the branch that is gone are gone as well: what was
// the original function no longer is.
// JOINS: lcp.split = 3 : i64, {{.*}}lcp.trained_after_split = false
// JOINS: lcp.parallel shared(%arg0 : tensor<1x2xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
// JOINS: lcp.merge concat {{.*}} -> tensor<1x4xf32>
// JOINS: lcp.parallel shared({{.*}} : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
// JOINS: tensor<2x4xf32>
// JOINS: lcp.merge concat {{.*}} -> tensor<1x4xf32>
// JOINS: lcp.dense {{.*}} tensor<2x4xf32>

// ALL: lcp.merge concat {{.*}} -> tensor<1x6xf32>
// ALL: lcp.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00,
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<5x2xf32>
  %w1 = lcp.constant dense<1.0> : tensor<6x5xf32>
  %w2 = lcp.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0, 8.0, 9.0, 10.0, 11.0, 12.0]]> : tensor<2x6xf32>
  %bias = lcp.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<5x2xf32>) -> tensor<1x5xf32> loc("fc1")
  %b = lcp.dense %a, %w1 : (tensor<1x5xf32>, tensor<6x5xf32>) -> tensor<1x6xf32> loc("fc2")
  %r = lcp.relu %b : tensor<1x6xf32>
  %y = lcp.dense %r, %w2, %bias : (tensor<1x6xf32>, tensor<2x6xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("fc3")
  return %y : tensor<1x2xf32>
}
