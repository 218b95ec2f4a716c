// The largest branch needs 8192 multiply-accumulates in 1 branch, 3072 in 2, 1280 in
// 4; a Raspberry Pi 3 reaches 4 % of 22.4e9 a second in dense layers.
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi3 latency-ms=0.00335" 2>&1 | FileCheck %s --check-prefix=FOUR
// RUN: lcp-opt %s --lcp-plan-split="factor=auto device=rpi3 latency-ms=0.003425" --lcp-split-widths 2>&1 | FileCheck %s --check-prefix=WIDTHS
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi3 latency-ms=0.00345" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi3" 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi3 latency-ms=0.000001" -o %t.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not ls %t.mlir
// RUN: not lcp-opt %s --lcp-split="factor=auto" 2>&1 | FileCheck %s --check-prefix=WHICH
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi33" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not lcp-opt %s --lcp-split="factor=auto device=host" 2>&1 | FileCheck %s --check-prefix=HOST
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi3 latency-ms=0" 2>&1 | FileCheck %s --check-prefix=TIME
// RUN: not lcp-opt %s --lcp-split="factor=2 latency-ms=5" 2>&1 | FileCheck %s --check-prefix=UNTIMED
// RUN: not lcp-opt %s --lcp-plan-split="factor=2 latency-ms=5" --lcp-split-widths 2>&1 | FileCheck %s --check-prefix=UNTIMED
// RUN: lcp-opt %s --lcp-split="factor=auto device=rpi3 latency-ms=0.00345 keep-first=1" 2>&1 | FileCheck %s --check-prefix=JOINS
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi3 keep-every=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not lcp-opt %s --lcp-split="factor=auto device=rpi3 merge=mean" 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not lcp-opt %s --lcp-split="factor=many" 2>&1 | FileCheck %s --check-prefix=MANY

// RUN: not lcp-opt %s --lcp-plan-split 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not lcp-opt %s --lcp-split=round=floor 2>&1 | FileCheck %s --check-prefix=MISSING

// FOUR: factor=auto is 4: on rpi3 the largest of 4 branches needs {{.*}} MB of 1073.7 MB and 0.001 of 0.003 ms (efficiency: published)
// FOUR-COUNT-4: lcp.yield
// FOUR-NOT: lcp.yield
// WIDTHS: factor=auto is 4
// WIDTHS-COUNT-8: lcp.yield
// TWO: factor=auto is 2
// ONE: factor=auto is 1
// NONE: error: {{.*}}no factor makes a branch fit rpi3 in 1e-06 ms: the largest of 64 branches needs {{.*}}; lcp.dense has 64 channels, too few for 128 branches
// WHICH: factor=auto needs the device that a branch has to fit: device=NAME, or cluster=FILE
// UNKNOWN: unknown device 'rpi33'; known: {{.*}}rpi3
// HOST: widths cannot be chosen for the device 'host': its file has no memory_bytes
// TIME: latency-ms must be from above 0 to 1e9
// UNTIMED: latency-ms= is for factor=auto
// MISSING: say how many branches: a number, or factor=auto device=NAME
// With the one join kept, both layers see 64 channels: it takes 4 branches.
// JOINS: factor=auto is 4: on rpi3 the largest of 4 branches needs {{.*}} MB of 1073.7 MB and 0.002 of 0.003 ms (efficiency: published)
// NEGATIVE: error: {{.*}}keep-every
// MODE: lcp-opt: for the --merge option: merge='mean' is not concat, sum-logits, sum-features or auto
// MANY: factor='many' is not a number of branches or auto

func.func @main(%x: tensor<1x64xf32>) -> tensor<1x10xf32> {
  %w0 = lcp.constant dense<0.5> : tensor<64x64xf32>
  %w1 = lcp.constant dense<0.25> : tensor<64x64xf32>
  %w2 = lcp.constant dense<1.0> : tensor<10x64xf32>
  %a = lcp.dense %x, %w0 : (tensor<1x64xf32>, tensor<64x64xf32>) -> tensor<1x64xf32>
  %b = lcp.dense %a, %w1 : (tensor<1x64xf32>, tensor<64x64xf32>) -> tensor<1x64xf32>
  %y = lcp.dense %b, %w2 : (tensor<1x64xf32>, tensor<10x64xf32>) -> tensor<1x10xf32>
  return %y : tensor<1x10xf32>
}
