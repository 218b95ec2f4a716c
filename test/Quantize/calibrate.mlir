// RUN: lcp-opt --lcp-calibrate="samples=2 seed=3" %s 2>%t.err | FileCheck %s
// RUN: FileCheck --check-prefix=WARN %s <%t.err
// RUN: lcp-opt --lcp-calibrate="samples=2 seed=3" %s 2>/dev/null >%t.1
// RUN: lcp-opt --lcp-calibrate="samples=2 seed=3" %s 2>/dev/null | diff %t.1 -
// RUN: not lcp-opt --lcp-calibrate=samples=0 %s 2>&1 | FileCheck --check-prefix=EMPTY %s
// RUN: not lcp-opt --lcp-calibrate %S/Inputs/infinite.mlir 2>&1 | FileCheck --check-prefix=INFINITE %s

// WARN: lcp-opt: warning: {{.*}}calibrate.mlir:{{.*}}: ranges come from 2 seeded inputs, not from data
// EMPTY: lcp-opt: error: {{.*}}cannot be calibrated without a sample
// INFINITE: lcp-opt: error: {{.*}}infinite.mlir:4:{{.*}}: a value that is not finite on a calibration sample

// An op's record has the operands' ranges, 0 for a constant, then the result's.
// CHECK-LABEL: func @main
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x8xf32>
  // CHECK: lcp.dense {{.*}} {lcp.max_abs = array<f32: [[X:[0-9.e+-]+]], 0.000000e+00, [[SUM:[0-9.e+-]+]]>}
  %0 = lcp.dense %x, %w : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
  // CHECK: lcp.parallel
  %p = lcp.parallel shared(%0 : tensor<1x4xf32>) -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    // CHECK: lcp.sub {{.*}} {lcp.max_abs = array<f32: [[SUM]], [[SUM]], 0.000000e+00>}
    %y = lcp.sub %in, %in : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }
  %m = lcp.merge concat %p : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %m : tensor<1x4xf32>
}
