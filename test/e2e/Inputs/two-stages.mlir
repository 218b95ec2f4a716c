// Two parallel stages whose branches hand their values to themselves, and a serial one.
module attributes {lcp.model_name = "two-stages", lcp.split = 2 : i64, lcp.trained_after_split = true} {
func.func @main(%x: tensor<1x8xf32> {lcp.name = "x"}) -> (tensor<1x8xf32> {lcp.name = "y"}) {
  %p:2 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x8xf32>):
    %w = lcp.constant dense<1.0> : tensor<4x8xf32>
    %y = lcp.dense %in, %w : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x8xf32>):
    %w = lcp.constant dense<2.0> : tensor<4x8xf32>
    %y = lcp.dense %in, %w : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }
  %q:2 = lcp.parallel own(%p#0, %p#1 : tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %w = lcp.constant dense<0.5> : tensor<4x4xf32>
    %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    %w = lcp.constant dense<0.25> : tensor<4x4xf32>
    %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }
  %m = lcp.merge concat %q#0, %q#1 {order = array<i64: 0, 2, 1, 3, 4, 5, 6, 7>} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  %w = lcp.constant dense<0.5> : tensor<8x8xf32>
  %z = lcp.dense %m, %w : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
  return %z : tensor<1x8xf32>
}
}
