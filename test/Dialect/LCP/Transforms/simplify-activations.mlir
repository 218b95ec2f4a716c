// RUN: lcp-opt --lcp-simplify-activations %s | FileCheck %s

// The largest finite value is how older ONNX writes an open bound.
// CHECK-LABEL: func @clip_to_relu
// CHECK-NEXT:  lcp.relu %arg0
// CHECK-NEXT:  lcp.relu %arg0
// CHECK-NEXT:  return
func.func @clip_to_relu(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = lcp.clip %x {min = 0.0 : f32, max = 0x7F800000 : f32} : tensor<4xf32>
  %1 = lcp.clip %x {min = 0.0 : f32, max = 3.40282347E+38 : f32} : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @open
// CHECK-NEXT:  return %arg0, %arg0
func.func @open(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = lcp.clip %x {min = 0xFF800000 : f32, max = 0x7F800000 : f32} : tensor<4xf32>
  %1 = lcp.leaky_relu %x {alpha = 1.0 : f32} : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @chain
// CHECK-NEXT:  lcp.clip %arg0 {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
// CHECK-NEXT:  return
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp.clip %x {min = -1.0 : f32, max = 6.0 : f32} : tensor<4xf32>
  %1 = lcp.relu %0 : tensor<4xf32>
  %2 = lcp.relu %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// Bounds that do not meet leave one value.
// CHECK-LABEL: func @apart
// CHECK-NEXT:  lcp.clip %arg0 {max = 2.000000e+00 : f32, min = 2.000000e+00 : f32}
func.func @apart(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp.clip %x {min = 0.0 : f32, max = 1.0 : f32} : tensor<4xf32>
  %1 = lcp.clip %0 {min = 2.0 : f32, max = 3.0 : f32} : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @kept
// CHECK-NEXT:  lcp.clip %arg0 {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
// CHECK-NEXT:  lcp.leaky_relu
// CHECK-NEXT:  lcp.sigmoid
// CHECK-NEXT:  lcp.relu
func.func @kept(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp.clip %x {min = 0.0 : f32, max = 6.0 : f32} : tensor<4xf32>
  %1 = lcp.leaky_relu %0 {alpha = 0.1 : f32} : tensor<4xf32>
  %2 = lcp.sigmoid %1 : tensor<4xf32>
  %3 = lcp.relu %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}
