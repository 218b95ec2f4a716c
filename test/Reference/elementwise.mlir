// RUN: lcp-reference %s | FileCheck %s
// Every value is worked out by hand.

// CHECK: @relu: tensor<3xf32> [0, 0, 2]
func.func @relu() -> tensor<3xf32> {
  %x = lcp.constant dense<[-1.0, 0.0, 2.0]> : tensor<3xf32>
  %y = lcp.relu %x : tensor<3xf32>
  return %y : tensor<3xf32>
}

// CHECK: @relu_i32: tensor<2xi32> [0, 2]
func.func @relu_i32() -> tensor<2xi32> {
  %x = lcp.constant dense<[-1, 2]> : tensor<2xi32>
  %y = lcp.relu %x : tensor<2xi32>
  return %y : tensor<2xi32>
}

// CHECK: @leaky_relu: tensor<2xf32> [-0.5, 2]
func.func @leaky_relu() -> tensor<2xf32> {
  %x = lcp.constant dense<[-1.0, 2.0]> : tensor<2xf32>
  %y = lcp.leaky_relu %x {alpha = 0.5 : f32} : tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK: @clip: tensor<4xf32> [-1, 0.5, 6, nan]
func.func @clip() -> tensor<4xf32> {
  %x = lcp.constant dense<[-7.0, 0.5, 9.0, 0x7FC00000]> : tensor<4xf32>
  %y = lcp.clip %x {min = -1.0 : f32, max = 6.0 : f32} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// ln 3
// CHECK: @sigmoid: tensor<2xf32> [0.5, 0.75]
func.func @sigmoid() -> tensor<2xf32> {
  %x = lcp.constant dense<[0.0, 1.09861229]> : tensor<2xf32>
  %y = lcp.sigmoid %x : tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK: @hard_sigmoid: tensor<4xf32> [0, 0.25, 1, nan]
func.func @hard_sigmoid() -> tensor<4xf32> {
  %x = lcp.constant dense<[-3.0, -0.5, 2.0, 0x7FC00000]> : tensor<4xf32>
  %y = lcp.hard_sigmoid %x {alpha = 0.5 : f32} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// 1.5 * (1.5 / 6 + 1/2), and where the gate is shut and open
// CHECK: @hard_swish: tensor<4xf32> [-0, -0.375, 1.125, 9]
func.func @hard_swish() -> tensor<4xf32> {
  %x = lcp.constant dense<[-3.0, -1.5, 1.5, 9.0]> : tensor<4xf32>
  %y = lcp.hard_swish %x : tensor<4xf32>
  return %y : tensor<4xf32>
}

// (e^2x - 1) / (e^2x + 1) at ln(3) / 2
// CHECK: @tanh: tensor<2xf32> [0, 0.5]
func.func @tanh() -> tensor<2xf32> {
  %x = lcp.constant dense<[0.0, 0.549306145]> : tensor<2xf32>
  %y = lcp.tanh %x : tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK: @unchanged: tensor<2xf32> [1, -2]
func.func @unchanged() -> tensor<2xf32> {
  %x = lcp.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %y = lcp.identity %x : tensor<2xf32>
  %z = lcp.dropout %y : tensor<2xf32>
  return %z : tensor<2xf32>
}

// CHECK: @add: tensor<2x3xf32> [11, 12, 13, 21, 22, 23]
func.func @add() -> tensor<2x3xf32> {
  %a = lcp.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %b = lcp.constant dense<[[10.0], [20.0]]> : tensor<2x1xf32>
  %y = lcp.add %a, %b : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK: @sub: tensor<2xf32> [-1, 3]
func.func @sub() -> tensor<2xf32> {
  %a = lcp.constant dense<[1.0, 5.0]> : tensor<2xf32>
  %b = lcp.constant dense<2.0> : tensor<1xf32>
  %y = lcp.sub %a, %b : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK: @mul: tensor<1x2x1x2xf32> [2, 4, 9, 12]
func.func @mul() -> tensor<1x2x1x2xf32> {
  %a = lcp.constant dense<[[[[1.0, 2.0]], [[3.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  %b = lcp.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %y = lcp.mul %a, %b : (tensor<1x2x1x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x1x2xf32>
  return %y : tensor<1x2x1x2xf32>
}

// i32 wraps.
// CHECK: @add_i32: tensor<1xi32> [-2147483648]
func.func @add_i32() -> tensor<1xi32> {
  %a = lcp.constant dense<2147483647> : tensor<1xi32>
  %b = lcp.constant dense<1> : tensor<1xi32>
  %y = lcp.add %a, %b : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
  return %y : tensor<1xi32>
}
