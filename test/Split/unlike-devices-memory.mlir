// Weights of 4.5 GB. A PYNQ-Z1 has 0.54 GB of memory, a Raspberry Pi 3 1.07, a
// Raspberry Pi 4 4.3: by speed alone the PYNQ-Z1 would get more.
// RUN: lcp-opt %s --lcp-split="device=rpi4,pynq-z1" -o %t.mlir 2>&1 | FileCheck %s --check-prefix=FITS
// RUN: FileCheck %s --check-prefix=WIDTHS --input-file=%t.mlir
// RUN: lcp-opt %s --lcp-split="factor=auto device=pynq-z1,pynq-z1,pynq-z1,pynq-z1,rpi4 latency-ms=1000" 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: not lcp-opt %s --lcp-split="device=pynq-z1,pynq-z1,rpi3" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not lcp-opt %s --lcp-split="factor=3 device=rpi3" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=EQUAL
// RUN: not ls %t.none.mlir

// FITS: rpi4 87.70 % (43.54 + 1.63), pynq-z1 12.30 % (13.97 + 1.53)
// WIDTHS: -> tensor<1x3592xf32>, tensor<1x504xf32>
// AUTO: factor=auto is 5 of 5 devices
// AUTO: pynq-z1 12.30 % (13.97 + 1.53), pynq-z1 12.30 % (13.97 + 1.53), pynq-z1 12.30 % (13.97 + 1.53), pynq-z1 12.30 % (13.97 + 1.53), rpi4 50.80 % (24.17 + 1.58)
// NONE: error: {{.*}}no shares of the widths make every branch fit its device: of 3 branches, branch 2 on rpi3 needs 2249.8 MB of 1073.7 MB
// EQUAL: error: {{.*}}no shares of the widths make every branch fit its device: the largest of 3 branches needs 1491.6 MB of 1073.7 MB

func.func @main(%x: tensor<1x32768xf32>) -> tensor<1x10xf32> {
  %w0 = lcp.constant dense<0.5> : tensor<32768x32768xf32>
  %w1 = lcp.constant dense<0.25> : tensor<4096x32768xf32>
  %w2 = lcp.constant dense<1.0> : tensor<10x4096xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x32768xf32>, tensor<32768x32768xf32>) -> tensor<1x32768xf32>
  %b = lcp.dense %a, %w1 : (tensor<1x32768xf32>, tensor<4096x32768xf32>) -> tensor<1x4096xf32>
  %y = lcp.dense %b, %w2 : (tensor<1x4096xf32>, tensor<10x4096xf32>) -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}
