// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-schedule))' --split-input-file | FileCheck %s
// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-schedule{exact-conv=true}))' --split-input-file | FileCheck %s --check-prefix=EXACT

// EXACT-NOT: kernel = "winograd_conv"

// Many channels and results: 36 products for the 144 of a patch of 4x4. All 49
// patches read the weights once.
// CHECK-LABEL: func.func private @large
// CHECK-SAME: kernel = "winograd_conv"
// CHECK-SAME: winograd = 4, patches = 49
// CHECK-SAME: weights = <panel = [[PANEL:.*]], multiple = 8, inputs = 8, winograd = 4>
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16, l2 = 524288>} {
func.func private @large(%x: tensor<1x256x28x28xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<256x256x3x3xf32>)
    -> (tensor<1x256x28x28xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x256x28x28xf32>, tensor<256x256x3x3xf32>) -> tensor<1x256x28x28xf32>
  return %0 : tensor<1x256x28x28xf32>
}

// Four patches of 4x4 would read four times the weights, from memory.
// CHECK-LABEL: func.func private @small
// CHECK-SAME: winograd = 2, patches = 16
func.func private @small(%x: tensor<1x512x7x7xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<512x512x3x3xf32>)
    -> (tensor<1x512x7x7xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x512x7x7xf32>, tensor<512x512x3x3xf32>) -> tensor<1x512x7x7xf32>
  return %0 : tensor<1x512x7x7xf32>
}

// The transforms cost more than the products of few channels, where much of the
// patches lies over others.
// CHECK-LABEL: func.func private @narrow
// CHECK-SAME: kernel = "block_conv"
func.func private @narrow(%x: tensor<1x8x5x5xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<8x8x3x3xf32>)
    -> (tensor<1x8x5x5xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x5x5xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x5x5xf32>
  return %0 : tensor<1x8x5x5xf32>
}

// Only 3x3 windows of stride 1.
// CHECK-LABEL: func.func private @strided
// CHECK-SAME: kernel = "block_conv"
func.func private @strided(%x: tensor<1x256x28x28xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<256x256x3x3xf32>)
    -> (tensor<1x256x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}) {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x256x28x28xf32>, tensor<256x256x3x3xf32>) -> tensor<1x256x14x14xf32>
  return %0 : tensor<1x256x14x14xf32>
}
}
