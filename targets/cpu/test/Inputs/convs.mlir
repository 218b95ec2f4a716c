func.func @main(%x: tensor<1x64x14x14xf32>) -> tensor<1x256x7x7xf32> {
  %w0 = lcp.constant dense<0.0> : tensor<128x64x3x3xf32>
  %0 = lcp.conv2d %x, %w0 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x14x14xf32>, tensor<128x64x3x3xf32>) -> tensor<1x128x14x14xf32>
  %w1 = lcp.constant dense<0.0> : tensor<256x128x1x1xf32>
  %1 = lcp.conv2d %0, %w1 : (tensor<1x128x14x14xf32>, tensor<256x128x1x1xf32>) -> tensor<1x256x14x14xf32>
  %w2 = lcp.constant dense<0.0> : tensor<256x256x3x3xf32>
  %2 = lcp.conv2d %1, %w2 {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x256x14x14xf32>, tensor<256x256x3x3xf32>) -> tensor<1x256x7x7xf32>
  %w3 = lcp.constant dense<0.0> : tensor<256x256x3x3xf32>
  %3 = lcp.conv2d %2, %w3 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x256x7x7xf32>, tensor<256x256x3x3xf32>) -> tensor<1x256x7x7xf32>
  %4 = lcp.relu %3 : tensor<1x256x7x7xf32>
  return %4 : tensor<1x256x7x7xf32>
}
