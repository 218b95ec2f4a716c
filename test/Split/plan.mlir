// What is decided is one attribute that can be read.
// RUN: lcp-opt %s --lcp-plan-split=2 | FileCheck %s --check-prefix=EVEN
// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=50 keep-every=1 merge=auto" --lcp-print-plan -o /dev/null | FileCheck %s --check-prefix=WIDE
// RUN: lcp-opt %s --lcp-plan-split="factor=2 cut=column-row" --lcp-print-plan -o /dev/null | FileCheck %s --check-prefix=PAIR
// RUN: lcp-opt %s --lcp-plan-split="device=rpi4,pynq-z1" --lcp-print-plan -o /dev/null 2>/dev/null | FileCheck %s --check-prefix=DEVICES

// A plan that is printed and given back makes the same network.
// RUN: lcp-opt %s --lcp-plan-split="factor=2 fatten=50 keep-every=2" --lcp-print-plan -o /dev/null > %t.plan
// RUN: lcp-opt %s --lcp-split="factor=2 fatten=50 keep-every=2" -o %t.options.mlir
// RUN: lcp-opt %s --lcp-split=plan=%t.plan -o %t.given.mlir
// RUN: diff %t.options.mlir %t.given.mlir

// A plan that was written by hand: other widths, other channels, a layer left
// whole, a channel more, one less.
// RUN: split-file %S/Inputs/plans.txt %t.d
// RUN: lcp-opt %s --lcp-plan-split=plan=%t.d/uneven --lcp-split-widths | FileCheck %s --check-prefix=UNEVEN
// RUN: lcp-opt %s --lcp-split=plan=%t.d/uneven | FileCheck %s --check-prefix=FUSED
// RUN: lcp-opt %s --lcp-plan-split=plan=%t.d/left --lcp-split-widths | FileCheck %s --check-prefix=LEFT
// RUN: lcp-opt %s --lcp-plan-split=plan=%t.d/wider --lcp-split-widths | FileCheck %s --check-prefix=WIDER
// RUN: lcp-opt %s --lcp-split=plan=%t.d/few | FileCheck %s --check-prefix=FEW

// Plans that cannot be.
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/unknown 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/many 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/twice 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/lists 2>&1 | FileCheck %s --check-prefix=LISTS
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/classifier 2>&1 | FileCheck %s --check-prefix=CLASSIFIER
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/join 2>&1 | FileCheck %s --check-prefix=JOIN
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/sums 2>&1 | FileCheck %s --check-prefix=SUMS
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/paired 2>&1 | FileCheck %s --check-prefix=PAIRED
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/text 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/huge 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/other 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/kind 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/nested 2>&1 | FileCheck %s --check-prefix=NESTED
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/device 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not lcp-opt %s --lcp-split=plan=%t.d/unprintable 2>&1 | FileCheck %s --check-prefix=UNPRINTABLE
// RUN: not lcp-opt %t.given.mlir --lcp-plan-split=plan=%t.plan 2>&1 | FileCheck %s --check-prefix=DIVIDED
// A record of other branches than there are is dropped with them.
// RUN: sed "s/branches = 2/branches = 1/; s/\" \[[0-9].*\]/\" [0:1]/" %t.given.mlir > %t.strange.mlir
// RUN: lcp-opt %t.strange.mlir --lcp-keep-branches=1 | FileCheck %s --check-prefix=STRANGE
// RUN: not lcp-opt %s --lcp-split="plan=%t.plan fatten=20" 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not lcp-opt %s --lcp-split=plan=%t.none 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: not lcp-opt %s --lcp-split="plan=%t.plan factor=2" 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not lcp-opt %s --lcp-split-widths 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not lcp-opt %s --lcp-print-plan 2>&1 | FileCheck %s --check-prefix=PRINT
// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | sed "s/lcp.plan = #plan/lcp.other = 1/" > %t.planless.mlir
// RUN: not lcp-opt %t.planless.mlir --lcp-remove-nonbranch-connections 2>&1 | FileCheck %s --check-prefix=PLANLESS
// RUN: lcp-opt %s --lcp-plan-split=2 --lcp-split-widths | sed "s/branches = 2/branches = 3/; s/\[0:., .:.\]/[0:1, 1:2, 2:3]/" > %t.three.mlir
// RUN: not lcp-opt %t.three.mlir --lcp-remove-nonbranch-connections 2>&1 | FileCheck %s --check-prefix=THREE

// EVEN:      #plan = #lcp.plan<branches = 2, classifier = "fc4", layers = {
// EVEN-NEXT:   "fc1" [0:3, 3:6],
// EVEN-NEXT:   "fc2" [0:4, 4:8],
// EVEN-NEXT:   "fc3" [0:2, 2:4]
// EVEN-NEXT: }, merge = concat, joins = []>
// EVEN:      module attributes {lcp.plan = #plan} {
// EVEN-NOT:  lcp.parallel

// WIDE:      branches = 2
// WIDE-NEXT:   "fc1" [0:3 + new 2, 3:6 + new 1],
// WIDE-NEXT:   "fc2" [0:4 + new 2, 4:8 + new 2],
// WIDE-NEXT:   "fc3" [0:2 + new 1, 2:4 + new 1]
// WIDE-NEXT: }, merge = sum_logits, joins = [1, 2, 3] whole>

// PAIR:        "fc1" [0:3, 3:6],
// PAIR-NEXT:   "fc2" partial_sum,
// PAIR-NEXT:   "fc3" [0:2, 2:4]

// DEVICES: devices = ["rpi4", "pynq-z1"]>

// UNEVEN: lcp.parallel {{.*}} -> tensor<1x1xf32>, tensor<1x5xf32>
// UNEVEN: rows from 1 -> tensor<1x2xf32>
// UNEVEN: lcp.merge concat {{.*}} {order = array<i64: 1, 0, 2, 3, 4, 5>}
// UNEVEN: lcp.parallel {{.*}} -> tensor<1x6xf32>, tensor<1x2xf32>
// FUSED: lcp.dense {{.*}} : (tensor<1x1xf32>, tensor<6x1xf32>) -> tensor<1x6xf32>
// FUSED: lcp.dense {{.*}} : (tensor<1x5xf32>, tensor<2x5xf32>) -> tensor<1x2xf32>
// LEFT: lcp.dense {{.*}} : (tensor<1x6xf32>, tensor<8x6xf32>) -> tensor<1x8xf32>
// WIDER: lcp.parallel {{.*}} -> tensor<1x3xf32>, tensor<1x4xf32>
// FEW: lcp.parallel {{.*}} -> tensor<1x4xf32>, tensor<1x3xf32>

// UNKNOWN: lcp-opt: error: {{.*}}the plan divides a layer 'fc9', which the network does not have (in the plan '{{.*}}unknown')
// MANY: lcp-opt: error: node 'fc2': the plan names channel 8 of 'fc2' (lcp.dense), which has 8 (in the plan '{{.*}}many')
// TWICE: lcp-opt: error: {{.*}}twice': this is no #lcp.plan: line 2: channel 3 of 'fc1' is named twice (C1)
// LISTS: lcp-opt: error: {{.*}}'fc2' has channels for 3 branches of 2 (C2)
// CLASSIFIER: lcp-opt: error: node 'fc4': the plan divides 'fc4' (lcp.dense), its classifier, which stays whole
// NOTHING: lcp-opt: error: {{.*}}nothing to divide: the plan names no layer
// JOIN: lcp-opt: error: {{.*}}the plan keeps join 4 of a network that has 3
// SUMS: lcp-opt: error: node 'fc1': the plan cannot be carried out: 'fc1' (lcp.dense) can make no partial sums: what it reads is not divided (in the plan '{{.*}}sums')
// PAIRED: lcp-opt: error: {{.*}}the plan has partial sums, of 'fc2' (cut=column-row), which need the connections between branches; stop after lcp-split-widths
// TEXT: lcp-opt: error: {{.*}}text': this is no #lcp.plan: line 2: expected ']'
// HUGE: lcp-opt: error: {{.*}}huge': this is no #lcp.plan: line 2: expected a number of channels, at most 1048576 a layer
// OTHER: lcp-opt: error: {{.*}}other': this is no #lcp.plan: it does not begin with #lcp.plan<
// KIND: lcp-opt: error: {{.*}}kind': this is no #lcp.plan: line 1: expected whole or shuffle
// NESTED: lcp-opt: error: {{.*}}nested': this is no #lcp.plan: line 1: expected string
// DEVICE: lcp-opt: error: {{.*}}unknown device 'rpi33'; known: {{.*}}rpi3,{{.*}} (in the plan '{{.*}}device')
// One line, whatever a name is made of.
// UNPRINTABLE: lcp-opt: error: {{.*}}the plan divides a layer 'f\x00 \x1b[31m', which the network does not have (in the plan '{{.*}}unprintable')
// DIVIDED: lcp-opt: error: {{.*}}the network is divided already
// STRANGE-NOT: #plan
// STRANGE: lcp.parallel
// NOFILE: lcp-opt: error: {{.*}}cannot read the plan '{{.*}}none': No such file or directory
// BOTH: lcp-opt: error: {{.*}}plan= says how the network is divided; leave out the other options
// MISSING: lcp-opt: error: {{.*}}there is no lcp.plan to carry out; run lcp-plan-split first
// PRINT: lcp-opt: error: {{.*}}there is no lcp.plan to print; run lcp-plan-split first
// PLANLESS: lcp-opt: error: {{.*}}there is no lcp.plan that says what to remove; run lcp-plan-split first
// THREE: lcp-opt: error: {{.*}}the plan is for 3 branches, and there are 2
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w1 = lcp.constant dense<[[1., 1.], [2., 2.], [3., 3.], [4., 4.], [5., 5.], [6., 6.]]> : tensor<6x2xf32>
  %w2 = lcp.constant dense<1.0> : tensor<8x6xf32>
  %w3 = lcp.constant dense<1.0> : tensor<4x8xf32>
  %w4 = lcp.constant dense<1.0> : tensor<1x4xf32>
  %a = lcp.dense %x, %w1 : (tensor<1x2xf32>, tensor<6x2xf32>) -> tensor<1x6xf32> loc("fc1")
  %b = lcp.dense %a, %w2 : (tensor<1x6xf32>, tensor<8x6xf32>) -> tensor<1x8xf32> loc("fc2")
  %c = lcp.dense %b, %w3 : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32> loc("fc3")
  %y = lcp.dense %c, %w4 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x1xf32> loc("fc4")
  return %y : tensor<1x1xf32>
}
