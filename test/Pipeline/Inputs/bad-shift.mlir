func.func @main() -> tensor<1x1xi8> {
  %x = lcp.constant dense<1> : tensor<1x1xi32>
  %m = lcp.constant dense<1> : tensor<1xi32>
  %s = lcp.constant dense<63> : tensor<1xi32>
  %y = lcp.requantize %x, %m, %s : (tensor<1x1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x1xi8>
  return %y : tensor<1x1xi8>
}
