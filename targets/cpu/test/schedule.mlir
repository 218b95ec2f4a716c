// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-schedule{exact-conv=true}))' --split-input-file --verify-diagnostics | FileCheck %s

// Convolutions as they are defined; schedule-winograd.mlir has those by transforms.

// A tile of two blocks of channels by 14 columns: 28 sums, two vectors of
// weights and one of an input are 31 registers. Weights of 16 inputs are 18 KB, and
// those of all would not stay in the nearest cache.
// CHECK-LABEL: func.func private @wide
// CHECK-SAME: #lcp_cpu.schedule<kernel = "block_conv", lanes = 16, tile = <channels = 32, columns = 14, inputs = 16>, loops = [image, group, channel, row], weights = <panel = 32, multiple = 16, inputs = 16>>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32>} {
func.func private @wide(%x: tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>}, %w: tensor<64x64x3x3xf32>)
    -> (tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}) {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x14x14xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x14x14xf32>
  return %0 : tensor<1x64x14x14xf32>
}
}

// -----

// The same weights, which stay in the nearest cache. The larger image does not
// stay in the second, unless that is larger too.
// CHECK-LABEL: func.func private @large_image
// CHECK-SAME: tile = <channels = 16, rows = 2, columns = 3, inputs = 64>
// CHECK-LABEL: func.func private @small_image
// CHECK-SAME: tile = <channels = 16, rows = 3, columns = 2>
// CHECK-LABEL: func.func private @large_cache
// CHECK-SAME: tile = <channels = 16, rows = 3, columns = 2>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16>} {
func.func private @large_image(%x: tensor<1x256x56x56xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<64x256x1x1xf32>)
    -> (tensor<1x64x56x56xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x256x56x56xf32>, tensor<64x256x1x1xf32>) -> tensor<1x64x56x56xf32>
  return %0 : tensor<1x64x56x56xf32>
}
func.func private @small_image(%x: tensor<1x256x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<64x256x1x1xf32>)
    -> (tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x256x14x14xf32>, tensor<64x256x1x1xf32>) -> tensor<1x64x14x14xf32>
  return %0 : tensor<1x64x14x14xf32>
}
}

// -----

module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16, l2 = 8388608>} {
func.func private @large_cache(%x: tensor<1x256x56x56xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<64x256x1x1xf32>)
    -> (tensor<1x64x56x56xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x256x56x56xf32>, tensor<64x256x1x1xf32>) -> tensor<1x64x56x56xf32>
  return %0 : tensor<1x64x56x56xf32>
}
}

// -----

// With fewer registers, and a machine that begins one multiply-add a cycle.
// CHECK-LABEL: func.func private @small
// CHECK-SAME: kernel = "block_conv", lanes = 4, scalars = lane, tile = <channels =
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 4, registers = 32, scalars = lane, fmas = 1>} {
func.func private @small(%x: tensor<1x8x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 4>}, %w: tensor<8x8x1x1xf32>)
    -> (tensor<1x8x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 4>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x8x8x8xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x8x8xf32>
  return %0 : tensor<1x8x8x8xf32>
}
}

// -----

// Few channels: vectors of columns. Of every kind of step one.
// CHECK-LABEL: func.func private @row
// CHECK-SAME: kernel = "row_conv", lanes = 8, tile = <channels = {{[0-9]+}}, {{.*}}>, loops = [image, group, channel, row], weights = <panel = {{[0-9]+}}>>
// CHECK-LABEL: func.func private @depthwise
// CHECK-SAME: kernel = "depthwise_conv", lanes = 8, tile = <channels = 8, columns = 7>, loops = [image, channel, row], weights = <panel = 8, multiple = 8>>
// CHECK-LABEL: func.func private @dense
// CHECK-SAME: kernel = "dense", lanes = 8, tile = <channels = 16, inputs = 4>, loops = [image, channel], weights = <panel = 16, multiple = 8>>
// CHECK-LABEL: func.func private @squares
// CHECK-SAME: kernel = "convert_layout_squares", lanes = 8>
// CHECK-LABEL: func.func private @copy
// CHECK-SAME: kernel = "convert_layout", lanes = 8>
// CHECK-LABEL: func.func private @relu
// CHECK-SAME: kernel = "elementwise", lanes = 8>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16>} {
func.func private @row(%x: tensor<1x3x32x32xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x30x30xf32> {
  %0 = lcp.conv2d %x, %w : (tensor<1x3x32x32xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x30x30xf32>
  return %0 : tensor<1x4x30x30xf32>
}
func.func private @depthwise(%x: tensor<1x8x9x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<8x1x1x1xf32>)
    -> (tensor<1x8x9x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w {groups = 8 : i64} : (tensor<1x8x9x9xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x9x9xf32>
  return %0 : tensor<1x8x9x9xf32>
}
func.func private @dense(%x: tensor<1x20xf32>, %w: tensor<10x20xf32>) -> tensor<1x10xf32> {
  %0 = lcp.dense %x, %w : (tensor<1x20xf32>, tensor<10x20xf32>) -> tensor<1x10xf32>
  return %0 : tensor<1x10xf32>
}
func.func private @squares(%x: tensor<1x8x8x8xf32>) -> (tensor<1x8x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp_cpu.convert_layout %x to <block = 8> : tensor<1x8x8x8xf32>
  return %0 : tensor<1x8x8x8xf32>
}
func.func private @copy(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp_cpu.convert_layout %x to <block = 1> : tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @relu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp.relu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
}

// -----

module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16>} {
func.func private @step(%x: tensor<1x1xf32>, %p: tensor<1xf32>) -> tensor<1x1xf32> {
  // expected-error @+1 {{has no kernel for this CPU target}}
  %0 = lcp.batch_norm %x, %p, %p, %p, %p
    : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
}

// -----

// expected-error @+1 {{is in no module with lcp_cpu.machine: run lcp-cpu-attach-machine first}}
func.func private @nowhere(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = lcp.relu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Bytes: four products at a time where the machine has instructions for it. The
// first input may be negative, so what makes up for its offset is packed too.
// CHECK-LABEL: func.func private @signed_bytes
// CHECK-SAME: kernel = "dot_conv", lanes = 16, dots = dpbusd, {{.*}}weights = <panel = {{[0-9]+}}, multiple = 16, inputs = 16, together = 4, offset = 128>>
// CHECK-LABEL: func.func private @unsigned_bytes
// CHECK-SAME: kernel = "dot_conv", {{.*}}inputs = 16, together = 4>>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 16, registers = 32, dots = dpbusd>} {
func.func private @signed_bytes(%x: tensor<1x64x14x14xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<64x64x1x1xi8>)
    -> (tensor<1x64x14x14xi32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x64x14x14xi8>, tensor<64x64x1x1xi8>) -> tensor<1x64x14x14xi32>
  return %0 : tensor<1x64x14x14xi32>
}
func.func private @unsigned_bytes(%x: tensor<1x64x14x14xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<64x64x1x1xi8>)
    -> (tensor<1x64x14x14xi32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}) {
  %0 = lcp.conv2d %x, %w {lcp_cpu.non_negative} : (tensor<1x64x14x14xi8>, tensor<64x64x1x1xi8>) -> tensor<1x64x14x14xi32>
  return %0 : tensor<1x64x14x14xi32>
}
}

// -----

// Without ARMv8.2's products of four, pairs of inputs lie side by side.
// CHECK-LABEL: func.func private @pairs
// CHECK-SAME: kernel = "dot_conv", lanes = 4, scalars = lane, dots = smlal, {{.*}}inputs = 4, together = 2>>
// CHECK-LABEL: func.func private @dense_bytes
// CHECK-SAME: kernel = "dot_dense", lanes = 4, dots = smlal, {{.*}}inputs = 4, together = 2>>
// Three bytes of a quad would lie behind the input.
// CHECK-LABEL: func.func private @odd_dense_bytes
// CHECK-SAME: kernel = "dense"
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 4, registers = 32, scalars = lane, dots = smlal>} {
func.func private @pairs(%x: tensor<1x8x8x8xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 4>}, %w: tensor<8x8x1x1xi8>)
    -> (tensor<1x8x8x8xi32> {lcp_cpu.layout = #lcp_cpu.layout<block = 4>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x8x8x8xi8>, tensor<8x8x1x1xi8>) -> tensor<1x8x8x8xi32>
  return %0 : tensor<1x8x8x8xi32>
}
func.func private @dense_bytes(%x: tensor<1x64xi8>, %w: tensor<10x64xi8>) -> tensor<1x10xi32> {
  %0 = lcp.dense %x, %w : (tensor<1x64xi8>, tensor<10x64xi8>) -> tensor<1x10xi32>
  return %0 : tensor<1x10xi32>
}
func.func private @odd_dense_bytes(%x: tensor<1x65xi8>, %w: tensor<10x65xi8>) -> tensor<1x10xi32> {
  %0 = lcp.dense %x, %w : (tensor<1x65xi8>, tensor<10x65xi8>) -> tensor<1x10xi32>
  return %0 : tensor<1x10xi32>
}
}
