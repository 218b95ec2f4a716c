// RUN: lcp-opt %s --lcp-split-widths="factor=2 fatten=20" --split-input-file --verify-diagnostics

// A layer whose result is added to a concat has no width of its own.
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x1xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  // expected-error@+1 {{cannot be given another width: it has to match channels of several layers; use round=spread and fatten=0}}
  %s = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x1xf32>, tensor<2x1xf32>) -> tensor<1x2xf32>
  %c = lcp.concat %a, %a : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %d = lcp.add %c, %s : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %d, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x2xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  // expected-error@+1 {{cannot be given another width: its channels cannot be followed}}
  %b = lcp.slice %a {begin = 1 : i64, end = 3 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
  %y = lcp.dense %b, %w1 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
