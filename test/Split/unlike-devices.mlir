// The efficiency of a PYNQ-Z1 is not known, so that all are compared at their
// peaks. A Raspberry Pi 4 does 24e9 multiply-accumulates a second at its peak, a
// PYNQ-Z1 9.6e9; both on a link of 943 Mbit/s.
// RUN: lcp-opt %s --lcp-split="factor=2 device=rpi4,pynq-z1" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-split="device=rpi4,pynq-z1" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-plan-split="factor=2 device=pynq-z1,rpi4" --lcp-split-widths 2>&1 | FileCheck %s --check-prefix=WIDTHS
// RUN: lcp-opt %s --lcp-split="factor=2 device=rpi4,pynq-z1 fatten=50 merge=sum-logits" 2>&1 | FileCheck %s --check-prefix=FAT

// Equal devices have equal widths, as without devices.
// RUN: lcp-opt %s --lcp-split=3 -o %t.even.mlir
// RUN: lcp-opt %s --lcp-split="factor=3 device=rpi4,rpi4,rpi4" -o %t.list.mlir 2> %t.list
// RUN: lcp-opt %s --lcp-split="factor=3 device=rpi4" -o %t.one.mlir 2> %t.one
// RUN: FileCheck %s --check-prefix=LIST --input-file=%t.list
// RUN: FileCheck %s --check-prefix=ONE --input-file=%t.one
// RUN: sed 's/, devices = .*>/>/' %t.list.mlir | diff %t.even.mlir -
// RUN: sed 's/, devices = .*>/>/' %t.one.mlir | diff %t.even.mlir -

// What a link takes by itself cannot be made up for: two waits of 8.83 ms, and
// the image.
// RUN: lcp-opt %s --lcp-split="factor=2 device=rpi4,rpi3" 2>&1 | FileCheck %s --check-prefix=SLOW

// Procedure 1 over a list: as many as it takes, in order.
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi4" 2>&1 | FileCheck %s --check-prefix=AUTO1
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi4 latency-ms=4" 2>&1 | FileCheck %s --check-prefix=AUTO2
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi4 latency-ms=2" 2>&1 | FileCheck %s --check-prefix=AUTO3
// The budgets leave 25, 15 and 24 channels, 64 in all; a little less leaves 63.
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi3 latency-ms=0.84" 2>&1 | FileCheck %s --check-prefix=TIGHT
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi3 latency-ms=0.82" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=TIGHTER
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi4,pynq-z1,rpi4 latency-ms=0.1" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=AUTONONE

// What the remark says can be had of any divided network.
// RUN: lcp-opt %s --lcp-split="device=rpi4,pynq-z1" --lcp-print-footprint=device=rpi4,pynq-z1 -o /dev/null 2>&1 | FileCheck %s --check-prefix=PRINT
// RUN: lcp-opt %s --lcp-split=2 --lcp-print-footprint="device=rpi4,pynq-z1 json=true" -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: not lcp-opt %s --lcp-split=2 --lcp-print-footprint=device=rpi4,host -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=LATENCY
// RUN: not lcp-opt %s --lcp-print-footprint="device=rpi4,pynq-z1 factor=2" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=COMPARE
// RUN: not lcp-opt %s --lcp-split=2 --lcp-print-footprint=device=rpi4,rpi3,pynq-z1 -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=COUNT

// Branches are measured with the joins that they will keep.
// RUN: lcp-opt %s --lcp-split="device=rpi4,pynq-z1 keep-every=1" --lcp-print-footprint=device=rpi4,pynq-z1 -o /dev/null 2>&1 | FileCheck %s --check-prefix=JOINED

// The same from a cluster file: by branch where it says so, else in its order.
// RUN: split-file %S/Inputs/clusters.txt %t.d
// RUN: lcp-opt %s --lcp-split="cluster=%t.d/two.yaml" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-split="cluster=%t.d/branches.yaml" 2>&1 | FileCheck %s --check-prefix=BRANCHES
// RUN: lcp-opt %s --lcp-split="cluster=%t.d/replicas.yaml" 2>&1 | FileCheck %s --check-prefix=BRANCHES
// RUN: lcp-opt %s --lcp-split="factor=2 cluster=%t.d/branches.yaml" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-split="factor=auto cluster=%t.d/branches.yaml latency-ms=4" 2>&1 | FileCheck %s --check-prefix=AUTO2

// RUN: not lcp-opt %s --lcp-split="factor=3 device=rpi4,rpi3" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=LENGTH
// RUN: not lcp-opt %s --lcp-split="factor=1 device=rpi4,rpi3" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=LONG
// RUN: not lcp-opt %s --lcp-split="factor=0 device=rpi4,rpi3" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not lcp-opt %s --lcp-split="factor=2 device=rpi4,rpi33" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not lcp-opt %s --lcp-split="factor=2 device=rpi4," -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not lcp-opt %s --lcp-split="factor=2 device=rpi4,host" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=FIGURE
// RUN: not lcp-opt %s --lcp-split="device=rpi4,rpi3 round=floor" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=FLOOR
// RUN: not lcp-opt %s --lcp-split="device=rpi4,pynq-z1 merge=sum-features" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=FEATURES
// RUN: lcp-opt %s --lcp-plan-split=device=rpi4,pynq-z1 --lcp-print-plan -o /dev/null | sed s/concat/sum_features/ > %t.plan
// RUN: not lcp-opt %s --lcp-split=plan=%t.plan -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=PASSES
// RUN: not lcp-opt %s --lcp-split="device=rpi4,rpi3 cluster=%t.d/two.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not lcp-opt %s --lcp-split="factor=4 cluster=%t.d/two.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/line7.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=LINE7
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/nameless.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=NAMELESS
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/unknown.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=WORKER
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/several.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/unlike-replicas.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=REPLICAS
// RUN: not lcp-opt %s --lcp-split="cluster=%t.d/none.yaml" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: not lcp-opt %s --lcp-split="factor=65 device=rpi4" -o %t.none.mlir 2>&1 | FileCheck %s --check-prefix=NARROW
// RUN: not ls %t.none.mlir

// TWO: note: {{.*}}shares of the widths, and modelled ms (compute + link; efficiency: peak): rpi4 62.35 % (2.02 + 0.72), pynq-z1 37.65 % (1.91 + 0.72)
// TWO-NOT: leave it out
// TWO: lcp.parallel {{.*}} -> tensor<1x40xf32>, tensor<1x24xf32>
// TWO-COUNT-2: lcp.yield
// TWO-NOT: lcp.yield

// WIDTHS: pynq-z1 37.65 % (1.91 + 0.72), rpi4 62.35 % (2.02 + 0.72)
// WIDTHS: lcp.parallel {{.*}} -> tensor<1x24x56x56xf32>, tensor<1x40x56x56xf32>

// Half as many channels again, before they are shared.
// FAT: rpi4 61.86 % (4.30 + 0.72), pynq-z1 38.14 % (4.35 + 0.72)
// FAT: tensor<59x59x3x3xf32>
// FAT: tensor<37x37x3x3xf32>

// LIST: (compute + link; efficiency: published): rpi4 33.33 % (0.66 + 0.72), rpi4 33.33 % (0.60 + 0.72), rpi4 33.33 % (0.60 + 0.72)
// ONE: 3 equal branches on rpi4, modelled ms of the slowest (compute + link; efficiency: published): 0.66 + 0.72

// SLOW: rpi4 99.99 % (4.99 + 0.72), rpi3 0.01 % (0.02 + 22.50)
// SLOW: note: {{.*}}branch 1 on rpi3 gets as little as there is: its link alone takes longer than the others; leave it out
// SLOW: lcp.parallel {{.*}} -> tensor<1x63xf32>, tensor<1x1xf32>

// AUTO1: factor=auto is 1 of 3 devices, each branch within its device's budget
// AUTO1: shares of the widths, and modelled ms (compute + link; efficiency: peak): rpi4 100.00 % (5.04 + 0.72)
// AUTO2: factor=auto is 2 of 3 devices
// AUTO2: rpi4 62.35 % (2.02 + 0.72), pynq-z1 37.65 % (1.91 + 0.72)
// AUTO3: factor=auto is 3 of 3 devices
// AUTO3: rpi4 38.43 % (0.82 + 0.72), pynq-z1 23.14 % (0.79 + 0.72), rpi4 38.43 % (0.76 + 0.72)
// AUTONONE: error: {{.*}}no factor makes a branch fit rpi4,pynq-z1,rpi4 in 0.1 ms: of 3 branches, branch {{.*}} needs {{.*}} MB of {{.*}} MB and {{[0-9.]+}} of 0.100 ms (efficiency: peak)

// TIGHT: factor=auto is 3 of 3 devices
// TIGHT: -> tensor<1x25xf32>, tensor<1x15xf32>, tensor<1x24xf32>
// TIGHTER: error: {{.*}}no factor makes a branch fit rpi4,pynq-z1,rpi3 in 0.82 ms: of 3 branches, branch 0 on rpi4 needs {{.*}} and 0.823 of 0.820 ms (efficiency: peak)

// BRANCHES: rpi4 38.43 % (0.82 + 0.72), pynq-z1 23.14 % (0.79 + 0.72), rpi4 38.43 % (0.76 + 0.72)

// PRINT: rpi4 62.35 % (2.02 + 0.72), pynq-z1 37.65 % (1.91 + 0.72)
// PRINT: Modelled, each branch on its device, by that device's efficiency (measured, published or peak) and link:
// PRINT-NEXT: compute ms link ms
// PRINT-NEXT: device 0, rpi4 (peak) {{.*}} 2.023 0.721
// PRINT-NEXT: device 1, pynq-z1 (peak) {{.*}} 1.905 0.720
// JSON: "modelled": {
// JSON-NEXT: "compute_ms": 1.3
// JSON-NEXT: "device": "rpi4",
// JSON-NEXT: "efficiency": "peak",
// JSON-NEXT: "link_ms": 0.72
// JSON: "compute_ms": 3.2
// JSON-NEXT: "device": "pynq-z1",
// COMPARE: error: {{.*}}device= with several names is for the branches of a divided network; a comparison (factor=) is modelled on one
// COUNT: error: {{.*}}device= names 3 devices, for a network of 2 branches

// LATENCY: error: {{.*}}latency cannot be modelled for the device 'host': its file has no mac_per_s

// JOINED: rpi4 72.24 % (3.62 + 7.93), pynq-z1 27.76 % (3.55 + 7.93)

// LENGTH: error: {{.*}}device= names 2 devices, for 3 branches; name one a branch, or one for all
// LONG: error: {{.*}}device= names 2 devices, for 1 branches
// ZERO: error: {{.*}}the factor must be a number of branches from 1 to 4096, not 0
// UNKNOWN: error: {{.*}}unknown device 'rpi33'; known: {{.*}}rpi3, rpi4
// EMPTY: error: {{.*}}unknown device ''; known: {{.*}}rpi3, rpi4
// FIGURE: error: {{.*}}widths cannot be chosen for the device 'host': its file has no memory_bytes
// FLOOR: error: {{.*}}round=floor needs branches of equal width, and several devices want others; use round=spread
// FEATURES: error: {{.*}}merge=sum-features needs branches of equal width, and several devices want others; use another merge
// PASSES: error: node 'fc': merge=sum-features needs branches of equal width, but these have shares of the widths; use another merge
// BOTH: error: {{.*}}device= and cluster= both say what the branches run on; give one of them
// FEW: error: {{.*}}two.yaml has 2 workers, too few for 4 branches
// LINE7: error: {{.*}}line7.yaml:7: unknown key 'colour'
// LINE7-NOT: error
// NAMELESS: error: {{.*}}nameless.yaml:4: the worker names no device, by which widths are chosen (device: NAME)
// WORKER: error: {{.*}}unknown.yaml:3: unknown device 'rpi33'; known: {{.*}}rpi3, rpi4
// SEVERAL: error: {{.*}}several.yaml:2: the worker has several branches; widths are chosen for one a worker
// SEVERAL: error: {{.*}}several.yaml:5: there is no branch 5 of 2 workers
// REPLICAS: error: {{.*}}unlike-replicas.yaml:4: the branch has another device on line 3, of another width
// NOFILE: error: {{.*}}none.yaml: cannot read the cluster file: No such file or directory
// NARROW: error: {{.*}}'conv1' (lcp.conv2d) has 64 channels, too few for 65 branches

func.func @main(%x: tensor<1x3x56x56xf32>) -> tensor<1x10xf32> {
  %w0 = lcp.constant dense<0.5> : tensor<64x3x3x3xf32>
  %w1 = lcp.constant dense<0.25> : tensor<64x64x3x3xf32>
  %w2 = lcp.constant dense<1.0> : tensor<10x64xf32>
  %a = lcp.conv2d %x, %w0 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x56x56xf32>, tensor<64x3x3x3xf32>) -> tensor<1x64x56x56xf32> loc("conv1")
  %b = lcp.conv2d %a, %w1 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x56x56xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32> loc("conv2")
  %p = lcp.global_avg_pool %b : (tensor<1x64x56x56xf32>) -> tensor<1x64x1x1xf32>
  %f = lcp.flatten %p {axis = 1 : i64} : (tensor<1x64x1x1xf32>) -> tensor<1x64xf32>
  %y = lcp.dense %f, %w2 : (tensor<1x64xf32>, tensor<10x64xf32>) -> tensor<1x10xf32> loc("fc")
  return %y : tensor<1x10xf32>
}
