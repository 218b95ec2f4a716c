// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as n; n.save(r'%t/in.npy', n.random.default_rng(1).random((8, 2), 'f')); n.save(r'%t/nan.npy', n.full((1, 2), n.nan, 'f')); n.save(r'%t/wide.npy', n.ones((1, 3), 'f'))"
// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity calibrate=%t/in.npy" 2>%t/said | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAID < %t/said
// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity" 2>/dev/null | FileCheck %s --check-prefix=WEIGHTS
// RUN: lcp-opt %s --lcp-split="factor=2 assign=affinity calibrate=%t/in.npy trials=0" 2>&1 >/dev/null | FileCheck %s --check-prefix=STARTS

// On inputs that are not negative channels 2 and 3 of the first layer are zero,
// so the heavy weights from them say nothing. By weights the second layer's first
// two channels go together; by answers 0 and 2, which hear channel 0 of the first
// layer, and 1 and 3, which hear channel 1: then nothing is lost.

// SAID: assign=affinity: before training, outputs on the calibration inputs correlate with the original's by 1.000, with contiguous channels by 0.2
// CHECK: order = array<i64: {{0, 2, 1, 3|2, 0, 3, 1}}>

// WEIGHTS-NOT: order = array<i64: {{0, 2, 1, 3|2, 0, 3, 1}}>

// Without a trial, the better of the two.
// STARTS: correlate with the original's by [[BEST:0.[0-9]+]], with contiguous channels by [[BEST]]

// RUN: not lcp-opt %s --lcp-split="factor=2 calibrate=%t/in.npy" 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: calibrate= is for assign=affinity
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=affinity trials=5" 2>&1 | FileCheck %s --check-prefix=TRIALS
// TRIALS: trials= is for calibrate=
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=affinity calibrate=%t/absent.npy" 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}absent.npy
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=affinity calibrate=%t/nan.npy" 2>&1 | FileCheck %s --check-prefix=NAN
// NAN: error: '{{.*}}nan.npy' holds a value that is not finite
// RUN: not lcp-opt %s --lcp-split="factor=2 assign=affinity calibrate=%t/wide.npy" 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: error: {{.*}}wide.npy

func.func @main(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  %w0 = lcp.constant dense<[[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]> : tensor<4x2xf32>
  %w1 = lcp.constant dense<[[1.0, 0.0, 5.0, 0.0], [0.0, 1.0, 5.0, 0.0], [1.0, 0.0, 0.0, 5.0], [0.0, 1.0, 0.0, 5.0]]> : tensor<4x4xf32>
  %w2 = lcp.constant dense<[[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1x4xf32>
  %b = lcp.relu %a : tensor<1x4xf32>
  %c = lcp.dense %b, %w1 : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %c, %w2 : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
