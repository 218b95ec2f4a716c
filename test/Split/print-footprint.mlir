// RUN: lcp-opt %s --lcp-print-footprint=2 -o /dev/null | FileCheck %s --check-prefix=TABLE
// RUN: lcp-opt %s --lcp-split=2 --lcp-print-footprint -o /dev/null | FileCheck %s --check-prefix=SPLIT
// RUN: lcp-opt %s --lcp-print-footprint="factor=2 json=true" -o /dev/null | %python -c "import json, sys; print([r['per_device']['macs'] for r in json.load(sys.stdin)])" | FileCheck %s --check-prefix=JSON
// RUN: lcp-opt %s --lcp-print-footprint="factor=2 device=rpi4" -o /dev/null | FileCheck %s --check-prefix=MODELLED
// RUN: lcp-opt %s --lcp-print-footprint="factor=2 device=rpi4 json=true" -o /dev/null > %t.json
// RUN: lcp-opt %s --lcp-split=2 --lcp-print-footprint="device=rpi4 json=true" -o /dev/null > %t.split.json
// RUN: %python -c "import json; a = {r['name']: r for r in json.load(open('%t.json'))}; b = json.load(open('%t.split.json')); assert a['LCP']['modelled'] == b['modelled'] and a['LCP, all branches on one device']['modelled'] == b['on_one_device']['modelled']; print({k: v if k in ('device', 'fits_memory', 'efficiency') else round(v * 1e6) for k, v in b['modelled'].items()})" | FileCheck %s --check-prefix=LATENCY
// RUN: lcp-opt %s --lcp-split=2 --lcp-print-footprint=device=rpi4 -o /dev/null | FileCheck %s --check-prefix=SPLITON
// RUN: lcp-opt %s --lcp-split=2 --lcp-print-footprint="device=rpi4 input-bytes=3" -o /dev/null | FileCheck %s --check-prefix=FILE
// RUN: not lcp-opt %s --lcp-print-footprint=5 -o /dev/null 2>&1 | FileCheck %s --check-prefix=ERROR

// Weights: 8 + 16 + 8 of 4 bytes; at most the two hidden tensors at once: 32.
// TABLE: one device (1) 32 32 160 8 8
// TABLE: data parallel (2) 32 32 160 8 8
// The second and third layer are the smaller half of the MACs: 16 are one layer's.
// TABLE: pipeline by layers (2) 24 24 128 16 16
// TABLE: coordinator, 2 round trips 0 0
// The halves of two layers, which see 8 bytes, and 8 of the other's; the first
// goes to the other, the second to the coordinator.
// TABLE: model parallel (2) 12 12 72 16 16
// TABLE: coordinator, 2 round trips 8 8
// The second layer's columns instead, and all four of its partial sums.
// TABLE: column and row paired (2) 12 12 72 8 16
// TABLE: coordinator, 1 round trips 8 8
// The one join kept, whole: the same; by channel shuffle, the second layer reads
// and keeps half, and the halves that the first deals are copies.
// TABLE: tree, half the joins (2) 12 12 72 16 16
// TABLE: coordinator, 2 round trips 8 8
// TABLE: grouped, shuffled (2) 8 8 56 12 12
// TABLE: coordinator, 2 round trips 8 8
// TABLE: LCP (2) 8 8 48 8 8
// TABLE: coordinator, 1 round trips 8 8
// TABLE: LCP, all branches on one device (1) 24 24
// Its half of the classifier with it.
// TABLE: LCP, one branch alone (1) 12 12 {{[0-9]+}} 8 8
// TABLE: A pipeline raises the rate

// SPLIT: fc1 s0.b0 4 4
// SPLIT: fc2 s0.b0 4 4
// SPLIT: fc1 s0.b1
// SPLIT: fc3 8 8
// SPLIT: device 0 8 8 48 8 8
// SPLIT: device 1
// SPLIT: outside the branches 8 8

// A file of 3 bytes goes to both, in place of two elements.
// FILE: device 0 8 8 48 3 8
// FILE: The coordinator's cable carries {{[0-9]+}} B out and {{[0-9]+}} B in

// JSON: [32, 32, 24, 12, 12, 12, 8, 8, 24, 12]

// MODELLED: modelled on rpi4 (efficiency: published):
// MODELLED: compute ms link ms
// MODELLED: one device (1) 32 32 160 8 8 0.000 0.000
// MODELLED: data parallel (2) 32 32 160 8 8 0.000 0.000
// A pipeline computes as long as one device.
// Both wait for a call, a shard and an answer.
// MODELLED: pipeline by layers (2) {{.*}} 0.000 0.600
// MODELLED: model parallel (2) 12 12 72 16 16 0.000 0.600
// MODELLED: LCP (2) 8 8 48 8 8 0.000 0.400
// MODELLED: LCP, all branches on one device (1) 24 24 144 8 8 0.000 0.000

// By targets/devices/rpi4.yaml, in nanoseconds: 8 of a branch and 8 of the
// coordinator at 9.7 % of 24e9 a second, as dense layers are; 8 bytes to each
// branch and 8 from each at 943e6 bits a second, and 0.2 ms each way.
// LATENCY: {'compute_ms': 7, 'device': 'rpi4', 'efficiency': 'published', 'fits_memory': True, 'link_ms': 400271}

// SPLITON: device 1 8 8 48 8 8
// SPLITON: Modelled on rpi4 (efficiency: published):
// SPLITON: the busiest device 8 8 48 8 8 0.000 0.400
// SPLITON: all on one device 24 24 144 8 8 0.000 0.000

// ERROR: error: 'fc1' (lcp.dense) has 4 channels, too few for 5 branches
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<4x2xf32>
  %w1 = lcp.constant dense<1.0> : tensor<4x4xf32>
  %w2 = lcp.constant dense<1.0> : tensor<2x4xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1x4xf32> loc("fc1")
  %b = lcp.dense %a, %w1 : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("fc2")
  %y = lcp.dense %b, %w2 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("fc3")
  return %y : tensor<1x2xf32>
}
