func.func @main(%x: tensor<1x4xf32> {lcp.name = "x"}, %y: tensor<1x4xf32> {lcp.name = "y"}) -> (tensor<1x4xf32> {lcp.name = "z"}) {
  %a = lcp.relu %x : tensor<1x4xf32>
  %z = lcp.add %a, %y : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %z : tensor<1x4xf32>
}
