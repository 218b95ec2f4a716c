// RUN: lcp-opt --lcp-quantize --split-input-file --verify-diagnostics %s

func.func @not_calibrated(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = lcp.constant dense<1.0> : tensor<2x2xf32>
  // expected-error@+1 {{has no calibrated range; run lcp-calibrate first}}
  %0 = lcp.dense %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @bad_record(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = lcp.constant dense<1.0> : tensor<2x2xf32>
  // expected-error@+1 {{must hold one finite magnitude for each operand and result}}
  %0 = lcp.dense %x, %w {lcp.max_abs = array<f32: 1.0, -1.0, 1.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @bad_weights(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = lcp.constant dense<[[1.0, 2.0], [0x7FC00000, 1.0]]> : tensor<2x2xf32>
  // expected-error@+1 {{weights of output channel 1 are not finite}}
  %0 = lcp.dense %x, %w {lcp.max_abs = array<f32: 1.0, 0.0, 1.0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @branches(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // expected-error@+1 {{cannot stand in a function that is quantised; quantise its branches apart}}
  %p = lcp.parallel shared(%x : tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%in: tensor<1x2xf32>):
    lcp.yield %in : tensor<1x2xf32>
  }
  %m = lcp.merge sum %p : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %m : tensor<1x2xf32>
}
