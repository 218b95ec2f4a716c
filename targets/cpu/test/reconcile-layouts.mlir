// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-choose-blocks,lcp-cpu-reconcile-layouts))' --split-input-file | FileCheck %s
// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-choose-blocks))' --split-input-file | FileCheck %s --check-prefix=CHOSEN
// RUN: not lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-reconcile-layouts))' --split-input-file 2>&1 | FileCheck %s --check-prefix=NONE

// Sixty-four channels fill vectors of 16; the second convolution's padding is
// a halo of what the first one writes; the result is plain again.
// The choice of blocks has no halos and converts nothing; without it, no layout
// is made up.
// CHOSEN-LABEL: @wide
// CHOSEN-NOT: halo
// CHOSEN-NOT: convert_layout
// CHOSEN-COUNT-3: lcp_cpu.layout = #lcp_cpu.layout<block = 16>
// CHOSEN-LABEL: @narrow
// CHOSEN: lcp_cpu.layout = #lcp_cpu.layout<block = 1>
// NONE: 'lcp.conv2d' op has no lcp_cpu.layout: run lcp-cpu-choose-blocks first
// CHECK-LABEL: @wide
// CHECK: %[[IN:.*]] = lcp_cpu.convert_layout %arg0 to <block = 1, halo = [1, 1, 1, 1]> :
// CHECK: lcp.conv2d %[[IN]]
// CHECK-SAME: lcp_cpu.layout = #lcp_cpu.layout<block = 16>
// CHECK: lcp.relu
// CHECK-SAME: lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>
// CHECK: %[[LAST:.*]] = lcp.conv2d
// CHECK-SAME: lcp_cpu.layout = #lcp_cpu.layout<block = 16>
// CHECK: %[[OUT:.*]] = lcp_cpu.convert_layout %[[LAST]] to <block = 1> :
// CHECK: return %[[OUT]]
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func @wide(%x: tensor<1x3x8x8xf32>) -> tensor<1x64x8x8xf32> {
  %w = lcp.constant dense<0.5> : tensor<64x3x3x3xf32>
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x8x8xf32>, tensor<64x3x3x3xf32>) -> tensor<1x64x8x8xf32>
  %1 = lcp.relu %0 : tensor<1x64x8x8xf32>
  %v = lcp.constant dense<0.5> : tensor<64x64x3x3xf32>
  %2 = lcp.conv2d %1, %v {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x8x8xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x8x8xf32>
  return %2 : tensor<1x64x8x8xf32>
}
}

// -----

// Four channels would leave most lanes idle: vectors run along the columns.
// CHECK-LABEL: @narrow
// CHECK-NOT: lcp_cpu.convert_layout
// CHECK: lcp.conv2d {{.*}}lcp_cpu.layout = #lcp_cpu.layout<block = 1>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func @narrow(%x: tensor<1x3x32x32xf32>) -> tensor<1x4x30x30xf32> {
  %w = lcp.constant dense<0.5> : tensor<4x3x3x3xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x3x32x32xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x30x30xf32>
  return %0 : tensor<1x4x30x30xf32>
}
}

// -----

// Only a dense layer reads the image: its weights are permuted, nothing is
// copied. A softmax needs the plain order.
// CHECK-LABEL: @flattened
// CHECK: lcp.conv2d
// CHECK-SAME: lcp_cpu.layout = #lcp_cpu.layout<block = 16>
// CHECK-NEXT: lcp.flatten
// CHECK-NEXT: lcp.constant
// CHECK-NEXT: lcp.dense
// CHECK-NOT: lcp_cpu.convert_layout
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func @flattened(%x: tensor<1x3x4x4xf32>) -> tensor<1x10xf32> {
  %w = lcp.constant dense<0.5> : tensor<32x3x1x1xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x3x4x4xf32>, tensor<32x3x1x1xf32>) -> tensor<1x32x4x4xf32>
  %1 = lcp.flatten %0 : (tensor<1x32x4x4xf32>) -> tensor<1x512xf32>
  %v = lcp.constant dense<0.5> : tensor<10x512xf32>
  %2 = lcp.dense %1, %v : (tensor<1x512xf32>, tensor<10x512xf32>) -> tensor<1x10xf32>
  return %2 : tensor<1x10xf32>
}
}

// -----

// CHECK-LABEL: @mixer
// CHECK: %[[CONV:.*]] = lcp.conv2d
// CHECK-SAME: lcp_cpu.layout = #lcp_cpu.layout<block = 16
// CHECK: %[[PLAIN:.*]] = lcp_cpu.convert_layout %[[CONV]] to <block = 1> :
// CHECK: lcp.softmax %[[PLAIN]]
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func @mixer(%x: tensor<1x3x4x4xf32>) -> tensor<1x32x4x4xf32> {
  %w = lcp.constant dense<0.5> : tensor<32x3x1x1xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x3x4x4xf32>, tensor<32x3x1x1xf32>) -> tensor<1x32x4x4xf32>
  %1 = lcp.softmax %0 : tensor<1x32x4x4xf32>
  return %1 : tensor<1x32x4x4xf32>
}
}

// -----

// Twenty channels do not divide into blocks of 16, so the second operand of the
// concatenation would begin inside a block: both stay in blocks of 4.
// CHECK-LABEL: @concat
// CHECK-COUNT-2: lcp.conv2d {{.*}}lcp_cpu.layout = #lcp_cpu.layout<block = 4>
// CHECK: lcp.concat {{.*}}lcp_cpu.layout = #lcp_cpu.layout<block = 4>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func @concat(%x: tensor<1x3x4x4xf32>) -> tensor<1x40x4x4xf32> {
  %w = lcp.constant dense<0.5> : tensor<20x3x1x1xf32>
  %0 = lcp.conv2d %x, %w : (tensor<1x3x4x4xf32>, tensor<20x3x1x1xf32>) -> tensor<1x20x4x4xf32>
  %1 = lcp.conv2d %x, %w : (tensor<1x3x4x4xf32>, tensor<20x3x1x1xf32>) -> tensor<1x20x4x4xf32>
  %2 = lcp.concat %0, %1 : (tensor<1x20x4x4xf32>, tensor<1x20x4x4xf32>) -> tensor<1x40x4x4xf32>
  return %2 : tensor<1x40x4x4xf32>
}
}
