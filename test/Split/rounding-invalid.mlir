// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=20" --lcp-split-widths --split-input-file --verify-diagnostics

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

// -----

func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x6x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  // expected-error@+1 {{cannot be given another width: its channels cannot be followed}}
  %b = lcp.pad %a {low = array<i64: 0, 2, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x2x2xf32>) -> tensor<1x6x2x2xf32>
  %y = lcp.conv2d %b, %w1 : (tensor<1x6x2x2xf32>, tensor<2x6x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

// New channels would take part in the shuffle.
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  // expected-error@+1 {{cannot be given another width: its channels cannot be followed}}
  %b = lcp.channel_shuffle %a {groups = 2 : i64} : tensor<1x4x2x2xf32>
  %y = lcp.conv2d %b, %w1 : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

// What the caller gets has the caller's shape.
func.func @main(%x: tensor<1x1xf32>) -> (tensor<1x4xf32>, tensor<1x2xf32>) {
  %w0 = lcp.constant dense<1.0> : tensor<4x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<4x1xf32>) -> tensor<1x4xf32>
  // expected-error@+1 {{cannot be given another width: it makes a result of the network}}
  %b = lcp.relu %a : tensor<1x4xf32>
  %y = lcp.dense %b, %w1 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %b, %y : tensor<1x4xf32>, tensor<1x2xf32>
}
