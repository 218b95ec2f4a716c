// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-emit-kernels))' --split-input-file --verify-diagnostics

// expected-error @+1 {{has no lcp_cpu.schedule: run lcp-cpu-schedule first}}
func.func private @none(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}) {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error-re @+1 {{schedule: no kernel is called 'no_such_kernel'; there are {{.*block_conv, .*}}}}
func.func private @name(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "no_such_kernel", lanes = 16,
      tile = <channels = 32, columns = 8>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: kernel 'row_conv' does not compute this step}}
func.func private @kernel(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "row_conv", lanes = 16,
      tile = <channels = 32, columns = 8>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: 'block_conv' takes tiles with channels = 16 to 32 in multiples of 16, not 8}}
func.func private @multiple(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 8, columns = 8>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: 'block_conv' takes tiles with columns = 1 to 8, not 9}}
func.func private @most(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 9>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: 'block_conv' takes tiles with inputs = 1 to 16, not 17}}
func.func private @inputs(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, inputs = 17>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: 'block_conv' has these loops, once each: [image, group, channel, row]}}
func.func private @loops(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 8>, loops = [image, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// expected-error @+1 {{schedule: with this tile 'block_conv' reads weights #lcp_cpu.weights<panel = 32, multiple = 16, inputs = 16>}}
func.func private @weights(%x: tensor<1x16x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x16x1x1xf32>)
    -> (tensor<1x32x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 8>, loops = [image, group, channel, row],
      weights = <panel = 16, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x8x8xf32>, tensor<32x16x1x1xf32>) -> tensor<1x32x8x8xf32>
  return %0 : tensor<1x32x8x8xf32>
}

// -----

// Sums in i32 cannot wait in a result of i8.
// expected-error @+1 {{schedule: 'block_conv' takes tiles with inputs = 1, not 16}}
func.func private @waiting(%x: tensor<1x32x8x8xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<32x32x1x1xi8>, %m: tensor<32xi32>)
    -> (tensor<1x32x8x8xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 8, inputs = 16>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x32x8x8xi8>, tensor<32x32x1x1xi8>) -> tensor<1x32x8x8xi32>
  %1 = lcp.requantize %0, %m, %m {min = -127 : i32, max = 127 : i32} : (tensor<1x32x8x8xi32>, tensor<32xi32>, tensor<32xi32>) -> tensor<1x32x8x8xi8>
  return %1 : tensor<1x32x8x8xi8>
}

// -----

// expected-error @+1 {{schedule: 'winograd_conv' takes tiles with winograd = 2, not 4}}
func.func private @few_results(%x: tensor<1x8x3x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<16x8x3x3xf32>)
    -> (tensor<1x16x3x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "winograd_conv", lanes = 8,
      tile = <channels = 16, columns = 3, inputs = 8, winograd = 4, patches = 3, outputs = 16>,
      loops = [image, group, channel, row], weights = <panel = 16, multiple = 8, inputs = 8, winograd = 4>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x3x9xf32>, tensor<16x8x3x3xf32>) -> tensor<1x16x3x9xf32>
  return %0 : tensor<1x16x3x9xf32>
}

// -----

// expected-error @+1 {{schedule: with this tile 'winograd_conv' needs 830592 bytes of a thread's stack, of at most 524288}}
func.func private @stack(%x: tensor<1x64x40x40xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<64x64x3x3xf32>)
    -> (tensor<1x64x40x40xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "winograd_conv", lanes = 8,
      tile = <channels = 8, columns = 4, inputs = 64, winograd = 4, patches = 79, outputs = 64>,
      loops = [image, group, channel, row], weights = <panel = 8, multiple = 8, inputs = 8, winograd = 4>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x40x40xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x40x40xf32>
  return %0 : tensor<1x64x40x40xf32>
}

// -----

// expected-error @+1 {{schedule: kernel 'winograd_conv' does not compute this step}}
func.func private @window(%x: tensor<1x8x9x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<16x8x1x1xf32>)
    -> (tensor<1x16x9x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "winograd_conv", lanes = 8,
      tile = <channels = 16, columns = 3, inputs = 8, winograd = 2, patches = 9, outputs = 16>,
      loops = [image, group, channel, row], weights = <panel = 16, multiple = 8, inputs = 8, winograd = 2>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x8x9x9xf32>, tensor<16x8x1x1xf32>) -> tensor<1x16x9x9xf32>
  return %0 : tensor<1x16x9x9xf32>
}
