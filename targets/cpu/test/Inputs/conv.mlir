func.func @main(%x: tensor<1x8x12x12xf32>) -> tensor<1x16x12x12xf32> {
  %w0 = lcp.constant dense<0.0> : tensor<16x8x1x1xf32>
  %0 = lcp.conv2d %x, %w0 : (tensor<1x8x12x12xf32>, tensor<16x8x1x1xf32>) -> tensor<1x16x12x12xf32>
  %w = lcp.constant dense<0.0> : tensor<16x16x3x3xf32>
  %1 = lcp.conv2d %0, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x12x12xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x12x12xf32>
  %2 = lcp.relu %1 : tensor<1x16x12x12xf32>
  return %2 : tensor<1x16x12x12xf32>
}
