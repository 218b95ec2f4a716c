// RUN: lcp-opt %s --lcp-split-layers=2 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-split-layers=3 | FileCheck %s --check-prefix=THREE
// RUN: lcp-opt %s --lcp-split-layers=factor=1 | FileCheck %s --check-prefix=ONE
// RUN: lcp-opt %s --lcp-split-layers=3 --lcp-print-footprint -o /dev/null | FileCheck %s --check-prefix=COST
// RUN: lcp-opt %s --lcp-split-layers=3 --lcp-print-footprint=device=rpi4,rpi4,rpi4 -o /dev/null | FileCheck %s --check-prefix=TIME
// RUN: lcp-opt %s --lcp-split-layers=3 -o %t.mlirbc
// RUN: lcp-compile --target=rpi3,rpi4 --compile-to=compile %t.mlirbc -o - | FileCheck %s --check-prefix=TARGETS
//
// Layers of 16, 16, 16 and 8 multiply-accumulates, with a residual from the first
// to the add behind the third. Two stages have at most 32; three 24, so that the
// last two layers are together.
//
// TWO: %[[P:.*]]:2 = lcp.parallel shared(%arg0 : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
// TWO-COUNT-2: lcp.dense
// TWO-NOT: lcp.dense
// TWO: lcp.yield
// TWO: %[[A:.*]] = lcp.merge concat %[[P]]#0 : (tensor<1x4xf32>) -> tensor<1x4xf32>
// TWO: %[[B:.*]] = lcp.merge concat %[[P]]#1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
// TWO: %[[Q:.*]] = lcp.parallel shared({{.*}} : tensor<1x4xf32>, tensor<1x4xf32>) attributes {lcp.first_device = 1 : i64} -> tensor<1x2xf32> {
// TWO-COUNT-2: lcp.dense
// TWO: %[[Y:.*]] = lcp.merge concat %[[Q]] : (tensor<1x2xf32>) -> tensor<1x2xf32>
// TWO-NEXT: return %[[Y]]

// The residual passes by the second stage.
// THREE: %[[P:.*]] = lcp.parallel shared(%arg0
// THREE: %[[A:.*]] = lcp.merge concat %[[P]]
// THREE: %[[Q:.*]] = lcp.parallel shared(%[[A]] : tensor<1x4xf32>) attributes {lcp.first_device = 1 : i64} -> tensor<1x4xf32> {
// THREE: %[[B:.*]] = lcp.merge concat %[[Q]]
// THREE: lcp.parallel shared({{%.*}}, {{%.*}} : tensor<1x4xf32>, tensor<1x4xf32>) attributes {lcp.first_device = 2 : i64} -> tensor<1x2xf32> {
// THREE: lcp.merge
// THREE-NOT: lcp.constant

// ONE: lcp.parallel shared(%arg0 : tensor<1x4xf32>) -> tensor<1x2xf32> {
// ONE-COUNT-4: lcp.dense
// ONE-NOT: lcp.dense

// The first hands its result to both others, and the coordinator the input and
// the answer.
// COST: device 0 16 16 {{[0-9]+}} 16 32
// COST: device 1 16 16 {{[0-9]+}} 16 16
// COST: device 2 24 24 {{[0-9]+}} 32 8
// COST: outside the branches 0 0 {{[0-9]+}} 24 24

// A device is asked once, so its link waits once each way, of 0.2 ms.
// TIME: device 0, rpi4 (published) {{.*}} 0.400
// TIME: device 1, rpi4 (published) {{.*}} 0.400
// TIME: device 2, rpi4 (published) {{.*}} 0.400

// Stage i is for device i, the last name repeats.
// TARGETS: s0.b0 for rpi3
// TARGETS: s1.b0 for rpi4
// TARGETS: s2.b0 for rpi4
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %v = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc1")
  %b = lcp.dense %a, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc2")
  %dead = lcp.dense %b, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("dead")
  %c = lcp.dense %b, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc3")
  %d = lcp.add %c, %a : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %d, %v : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc4")
  return %y : tensor<1x2xf32>
}
