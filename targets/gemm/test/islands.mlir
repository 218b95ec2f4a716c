// REQUIRES: venv
// RUN: lcp-compile --target=pynq-gemm --head-target=pynq-gemm %s --compile-to=compile -o - 2>&1 | FileCheck --check-prefix=PARTS %s
// RUN: %python -c "import numpy as n; x = n.load('%models/digits-images.npy')[:8].astype('float32') / 255; n.save('%t.set.npy', x); n.save('%t.one.npy', x[:1])"
// RUN: lcp-compile --target=pynq-gemm --head-target=pynq-gemm %s --calibrate=%t.set.npy --golden=%t.one.npy --report=%t.txt -o %t.fb
// RUN: FileCheck --check-prefix=REPORT %s <%t.txt
// RUN: lcp-run %t.fb --verify | FileCheck --check-prefix=VERIFY %s

// A layer that the engine cannot do runs on the CPU between two streams.
// PARTS: calibrated on 8 seeded inputs
// PARTS: s0.b0 for pynq-gemm
// PARTS-NEXT: part gemm-stream for gemm-32x64: {{[0-9]+}} bytes of code
// PARTS-NEXT: part cpu-image
// PARTS-NEXT: part gemm-stream
// PARTS-NEXT: part cpu-image

// REPORT: norm runs on host: lcp.lrn: the integer model has no such op
// REPORT: turn runs on host: lcp.transpose: the engine does not move values within a feature map
// REPORT: probabilities runs on host: lcp.softmax: the integer model has no such op

// VERIFY: ok
func.func @main(%x: tensor<1x1x28x28xf32> {lcp.name = "image"}) -> (tensor<1x10xf32> {lcp.name = "probabilities"}) {
  %w1 = lcp.constant dense<[[[[0.1, -0.2], [0.3, 0.1]]], [[[-0.1, 0.2], [0.1, 0.2]]]]> : tensor<2x1x2x2xf32>
  %0 = lcp.conv2d %x, %w1 : (tensor<1x1x28x28xf32>, tensor<2x1x2x2xf32>) -> tensor<1x2x27x27xf32> loc("conv1")
  %1 = lcp.relu %0 : tensor<1x2x27x27xf32> loc("relu1")
  %2 = lcp.lrn %1 {size = 2 : i64} : tensor<1x2x27x27xf32> loc("norm")
  %3 = lcp.transpose %2 {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x2x27x27xf32>) -> tensor<1x2x27x27xf32> loc("turn")
  %w2 = lcp.constant dense<[[[[0.5]], [[-0.25]]], [[[0.125]], [[0.5]]]]> : tensor<2x2x1x1xf32>
  %4 = lcp.conv2d %3, %w2 {strides = array<i64: 7, 7>} : (tensor<1x2x27x27xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> loc("conv2")
  %5 = lcp.max_pool2d %4 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> loc("pool")
  %6 = lcp.flatten %5 : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32> loc("flat")
  %w3 = lcp.constant dense<0.03> : tensor<10x8xf32>
  %b3 = lcp.constant dense<[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]> : tensor<10xf32>
  %7 = lcp.dense %6, %w3, %b3 : (tensor<1x8xf32>, tensor<10x8xf32>, tensor<10xf32>) -> tensor<1x10xf32> loc("logits")
  %8 = lcp.softmax %7 : tensor<1x10xf32> loc("probabilities")
  return %8 : tensor<1x10xf32>
}
