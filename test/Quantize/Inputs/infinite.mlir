// A network that overflows f32 on any input.
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %c = lcp.constant dense<0x7F800000> : tensor<8xf32>
  %0 = lcp.mul %x, %c : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}
