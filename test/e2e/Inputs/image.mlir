// Two branches over an image of 8 x 8 pixels, with a pixel's brightness in either.
module attributes {lcp.model_name = "image", lcp.split = 2 : i64, lcp.trained_after_split = true} {
func.func @main(%x: tensor<1x3x8x8xf32> {lcp.name = "x"}) -> (tensor<1x4xf32> {lcp.name = "y"}) {
  %p:2 = lcp.parallel shared(%x : tensor<1x3x8x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x3x8x8xf32>):
    %f = lcp.flatten %in : (tensor<1x3x8x8xf32>) -> tensor<1x192xf32>
    %w = lcp.constant dense<0.5> : tensor<2x192xf32>
    %y = lcp.dense %f, %w : (tensor<1x192xf32>, tensor<2x192xf32>) -> tensor<1x2xf32>
    lcp.yield %y : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x3x8x8xf32>):
    %f = lcp.flatten %in : (tensor<1x3x8x8xf32>) -> tensor<1x192xf32>
    %w = lcp.constant dense<0.25> : tensor<2x192xf32>
    %y = lcp.dense %f, %w : (tensor<1x192xf32>, tensor<2x192xf32>) -> tensor<1x2xf32>
    lcp.yield %y : tensor<1x2xf32>
  }
  %z = lcp.merge concat %p#0, %p#1 {order = array<i64: 0, 1, 2, 3>} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  return %z : tensor<1x4xf32>
}
}
