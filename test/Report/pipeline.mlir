// A pipeline's stages stand on devices of their own, which work in turn: each is
// asked once, so the link of each waits once each way (rpi4: 0.2 ms). The first
// hands its result to the second, without the coordinator.
// RUN: lcp-opt %s --lcp-split-layers=2 -o %t.mlirbc
// RUN: lcp-compile --target=rpi4 --report=%t.html %t.mlirbc -o %t.fb
// RUN: lcp-compile --target=rpi4 --report=%t.json %t.mlirbc -o %t.fb
// RUN: %python %S/Inputs/check_page.py %t.html %t.json
// RUN: FileCheck %s --check-prefix=REPORT < %t.json
// RUN: lcp-compile --target=rpi4,rpi3 --report=%t.txt %t.mlirbc -o %t.fb
// RUN: FileCheck %s --check-prefix=TEXT < %t.txt
// RUN: lcp-dump %t.fb | FileCheck %s --check-prefix=DUMP
// RUN: lcp-dump --json %t.fb | FileCheck %s --check-prefix=JSON

// 40 bytes at 943 Mbit/s, and three waits: for the call, the shard and the answer.
// REPORT: "network_ms": 0.600

// TEXT: Each device:
// TEXT: device 0 rpi4 16 16 {{.*}} 16 16
// TEXT: device 1 rpi3 8 8 {{.*}} 16 8
// TEXT: device 0 rpi4 0.000 0.400
// TEXT: device 1 rpi3

// DUMP: stage s0, parallel{{$}}
// DUMP: stage s1, parallel, from device 1{{$}}

// JSON: "first_device": 0
// JSON: "first_device": 1
func.func @main(%x: tensor<1x4xf32> {lcp.name = "x"}) -> (tensor<1x2xf32> {lcp.name = "y"}) {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %v = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc1")
  %y = lcp.dense %a, %v : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc2")
  return %y : tensor<1x2xf32>
}
