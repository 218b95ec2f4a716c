// RUN: lcp-opt --lcp-fold-constants --verify-diagnostics %s

func.func @shift() -> tensor<1x1xi8> {
  %x = lcp.constant dense<1> : tensor<1x1xi32>
  %s = lcp.constant dense<63> : tensor<1xi32>
  // expected-error@+1 {{shift 63 is not in [0, 62]}}
  %y = lcp.requantize %x, %s, %s : (tensor<1x1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x1xi8>
  return %y : tensor<1x1xi8>
}
