func.func @main() -> tensor<3xi8> {
  %x = lcp.constant dense<1> : tensor<2xi8>
  %y = lcp.pad %x {low = array<i64: 1>, high = array<i64: 0>, value = 0xFF800000 : f32} : (tensor<2xi8>) -> tensor<3xi8>
  return %y : tensor<3xi8>
}
