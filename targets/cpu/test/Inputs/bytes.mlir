func.func @bytes(%x: tensor<1x32x14x14xf32>) -> tensor<1x32x14x14xi32> {
  %q = lcp.quantize %x {scale = 0.02 : f32} : (tensor<1x32x14x14xf32>) -> tensor<1x32x14x14xi8>
  %w = lcp.constant dense<1> : tensor<32x32x3x3xi8>
  %0 = lcp.conv2d %q, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x32x14x14xi8>, tensor<32x32x3x3xi8>) -> tensor<1x32x14x14xi32>
  return %0 : tensor<1x32x14x14xi32>
}
