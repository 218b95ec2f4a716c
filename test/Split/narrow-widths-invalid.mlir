// RUN: lcp-opt %s --lcp-narrow-widths=macs=2 --split-input-file --verify-diagnostics

// Of the channels that are left, none can be followed through a shuffle.
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x1x1x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x4x1x1xf32>
  %a = lcp.conv2d %x, %w0 : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  // expected-error-re@+1 {{cannot be given another width: its channels cannot be followed{{$}}}}
  %b = lcp.channel_shuffle %a {groups = 2 : i64} : tensor<1x4x2x2xf32>
  %y = lcp.conv2d %b, %w1 : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// -----

module {
  func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
    // expected-error@+1 {{the network is divided already}}
    %p:2 = lcp.parallel shared(%x : tensor<1x2xf32>) -> tensor<1x1xf32>, tensor<1x1xf32> {
    ^bb0(%in: tensor<1x2xf32>):
      %w = lcp.constant dense<1.0> : tensor<1x2xf32>
      %0 = lcp.dense %in, %w : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
      lcp.yield %0 : tensor<1x1xf32>
    }, {
    ^bb0(%in: tensor<1x2xf32>):
      %w = lcp.constant dense<1.0> : tensor<1x2xf32>
      %0 = lcp.dense %in, %w : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
      lcp.yield %0 : tensor<1x1xf32>
    }
    %y = lcp.merge concat %p#0, %p#1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
    return %y : tensor<1x2xf32>
  }
}
