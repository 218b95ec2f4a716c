// RUN: lcp-opt %s --lcp-print-footprint="device=pynq-z1 json=true" -o /dev/null | FileCheck %s
// RUN: not lcp-opt %s --lcp-print-footprint=device=rpi9 -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not lcp-opt %s --lcp-print-footprint=device=host -o /dev/null 2>&1 | FileCheck %s --check-prefix=SPEED

// A gigabyte of weights, of which the board's memory holds half.
// CHECK: "modelled": {
// CHECK: "fits_memory": false

// UNKNOWN: error: {{.*}}unknown device 'rpi9'; known: {{.*}}rpi3, rpi4
// SPEED: error: {{.*}}latency cannot be modelled for the device 'host': its file has no mac_per_s
func.func @main(%x: tensor<1x16384xf32>) -> tensor<1x16384xf32> {
  %w = lcp.constant dense<1.0> : tensor<16384x16384xf32>
  %y = lcp.dense %x, %w : (tensor<1x16384xf32>, tensor<16384x16384xf32>) -> tensor<1x16384xf32> loc("fc1")
  return %y : tensor<1x16384xf32>
}
