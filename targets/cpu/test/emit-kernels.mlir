// RUN: lcp-opt %s --pass-pipeline='builtin.module(func.func(lcp-cpu-emit-kernels))' --split-input-file | FileCheck %s

// One vector at a time, work divided by thread.
// CHECK-LABEL: func.func private @relu
// CHECK-SAME: (%[[IN:.*]]: memref<64xf32> {llvm.noalias}, %[[OUT:.*]]: memref<64xf32> {llvm.noalias}, %[[THREAD:.*]]: index, %[[THREADS:.*]]: index)
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[AT:.*]] = arith.muli %[[I]], %c16
// CHECK: %[[X:.*]] = vector.load %[[IN]][%[[AT]]] : memref<64xf32>, vector<16xf32>
// CHECK: %[[Y:.*]] = arith.maxnumf %[[X]]
// CHECK: vector.store %[[Y]], %[[OUT]]
func.func private @relu(%x: tensor<4x16xf32>) -> tensor<4x16xf32>
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "elementwise", lanes = 16>} {
  %0 = lcp.relu %x : tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// -----

// A tile of 2 blocks by 14 columns: 28 sums carried through the loops over
// input blocks, rows, columns and lanes; four lanes of 28 products each. 14 tiles
// prefetch the 32 lines that the next panel has for a position and block of inputs.
// CHECK-LABEL: func.func private @conv
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-3: memref.prefetch %{{.*}}, read, locality<2>, data : memref<36864xf32>
// CHECK-NOT: memref.prefetch
// CHECK-COUNT-112: vector.fma
// CHECK-NOT: vector.fma
// CHECK: arith.maxnumf
// CHECK: vector.store
func.func private @conv(%x: tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>}, %w: tensor<64x64x3x3xf32>)
    -> (tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 14>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x14x14xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x14x14xf32>
  %1 = lcp.relu %0 : tensor<1x64x14x14xf32>
  return %1 : tensor<1x64x14x14xf32>
}

// -----

// Inputs in blocks of 16: every sum waits in the result as its bias (none here),
// is loaded, added to and stored by each block, and is finished at the end.
// CHECK-LABEL: func.func private @blocked
// CHECK-SAME: (%{{.*}}: memref<{{.*}}>{{.*}}, %{{.*}}: memref<{{.*}}>{{.*}}, %[[OUT:.*]]: memref<12544xf32>
// CHECK: vector.store %{{.*}}, %[[OUT]]
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c4
// CHECK-COUNT-28: vector.load %[[OUT]]
// CHECK-COUNT-112: vector.fma
// CHECK-NOT: vector.fma
// CHECK-COUNT-28: vector.store %{{.*}}, %[[OUT]]
// CHECK: vector.load %[[OUT]]
// CHECK: arith.maxnumf
// CHECK: vector.store %{{.*}}, %[[OUT]]
func.func private @blocked(%x: tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>}, %w: tensor<64x64x3x3xf32>)
    -> (tensor<1x64x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 32, columns = 14, inputs = 16>, loops = [image, group, channel, row],
      weights = <panel = 32, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x14x14xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x14x14xf32>
  %1 = lcp.relu %0 : tensor<1x64x14x14xf32>
  return %1 : tensor<1x64x14x14xf32>
}

// -----

// The same with a tile of 3 rows of one block and 4 columns, edited by hand, and
// channels innermost: four lanes of 12 products.
// CHECK-LABEL: func.func private @edited
// CHECK: %[[TILE:.*]] = arith.remui %{{.*}}, %c4
// CHECK-COUNT-48: vector.fma
// CHECK-NOT: vector.fma
// CHECK: vector.store
func.func private @edited(%x: tensor<1x64x12x4xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>}, %w: tensor<64x64x3x3xf32>)
    -> (tensor<1x64x12x4xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
      tile = <channels = 16, rows = 3, columns = 4>, loops = [image, group, row, channel],
      weights = <panel = 16, multiple = 16, inputs = 16>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x64x12x4xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x12x4xf32>
  return %0 : tensor<1x64x12x4xf32>
}

// -----

// Columns further apart than a vector has lanes: every lane is loaded alone, and
// nothing between or behind them is read.
// CHECK-LABEL: func.func private @far
// CHECK-NOT: vector.load
// CHECK-COUNT-8: memref.load %arg0
// CHECK: vector.from_elements
// CHECK: return
func.func private @far(%x: tensor<1x1x20x161xf32>) -> tensor<1x1x1x8xf32>
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "pool", lanes = 8>} {
  %0 = lcp.max_pool2d %x {kernel = array<i64: 20, 20>, strides = array<i64: 20, 20>} : (tensor<1x1x20x161xf32>) -> tensor<1x1x1x8xf32>
  return %0 : tensor<1x1x1x8xf32>
}

// -----

// A depthwise convolution does little at each tap: its small window is unrolled,
// 9 taps of 7 columns, and the innermost loop is that over a row's tiles.
// CHECK-LABEL: func.func private @depthwise
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK-COUNT-63: vector.fma
// CHECK-NOT: vector.fma
// CHECK: vector.store
func.func private @depthwise(%x: tensor<1x8x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<8x1x3x3xf32>)
    -> (tensor<1x8x14x14xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "depthwise_conv", lanes = 8,
      tile = <channels = 8, columns = 7>, loops = [image, channel, row], weights = <panel = 8, multiple = 8>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>, groups = 8 : i64} : (tensor<1x8x14x14xf32>, tensor<8x1x3x3xf32>) -> tensor<1x8x14x14xf32>
  return %0 : tensor<1x8x14x14xf32>
}

// -----

// Of a large window a row is.
// CHECK-LABEL: func.func private @large
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c7
// CHECK-NOT: scf.for
// CHECK-COUNT-49: vector.fma
// CHECK-NOT: vector.fma
// CHECK: vector.store
func.func private @large(%x: tensor<1x8x7x7xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [3, 3, 3, 3]>}, %w: tensor<8x1x7x7xf32>)
    -> (tensor<1x8x7x7xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "depthwise_conv", lanes = 8,
      tile = <channels = 8, columns = 7>, loops = [image, channel, row], weights = <panel = 8, multiple = 8>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 3, 3, 3, 3>, groups = 8 : i64} : (tensor<1x8x7x7xf32>, tensor<8x1x7x7xf32>) -> tensor<1x8x7x7xf32>
  return %0 : tensor<1x8x7x7xf32>
}

// -----

// Every second column, picked by a shuffle within halves of 128 bits; the sums
// are put in order once.
// CHECK-LABEL: func.func private @skipping
// CHECK: vector.shuffle %{{.*}}, %{{.*}} [0, 2, 8, 10, 4, 6, 12, 14] : vector<16xf32>, vector<16xf32>
// CHECK: vector.fma
// CHECK: %[[SUM:.*]] = vector.shuffle %{{.*}}, %{{.*}} [0, 1, 4, 5, 2, 3, 6, 7] : vector<8xf32>, vector<8xf32>
// CHECK: vector.store %[[SUM]]
func.func private @skipping(%x: tensor<1x3x17x18xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "row_conv", lanes = 8,
      tile = <channels = 4, columns = 8>, loops = [image, group, channel, row], weights = <panel = 4>>} {
  %0 = lcp.conv2d %x, %w {strides = array<i64: 2, 2>} : (tensor<1x3x17x18xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// -----

// Four maxima side by side whose windows lie in the image; the ninth tap is the
// last. The result at the right edge is by itself, in loops over its taps.
// CHECK-LABEL: func.func private @pool
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK-COUNT-36: arith.maxnumf
// CHECK-NOT: arith.maxnumf
// CHECK-COUNT-4: vector.store
// CHECK: scf.for
// CHECK: arith.maxnumf
func.func private @pool(%x: tensor<1x8x9x18xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    -> (tensor<1x8x4x9xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "pool", lanes = 8>} {
  %0 = lcp.max_pool2d %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 1>} : (tensor<1x8x9x18xf32>) -> tensor<1x8x4x9xf32>
  return %0 : tensor<1x8x4x9xf32>
}

// -----

// F(2x2, 3x3) of 9 patches, of which a tile has 3: the transforms of a patch's
// columns and rows, products of the transformed inputs, and the transforms of the
// sums. The last row and column of patches store what those before have not.
// CHECK-LABEL: func.func private @winograd
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<1152xf32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<2304xf32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<128xf32>
// CHECK: arith.subf
// CHECK: memref.prefetch
// CHECK-COUNT-24: vector.fma
// CHECK-NOT: vector.fma
// CHECK: arith.maxnumf
func.func private @winograd(%x: tensor<1x8x5x5xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1, 1, 1]>}, %w: tensor<16x8x3x3xf32>)
    -> (tensor<1x16x5x5xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "winograd_conv", lanes = 8,
      tile = <channels = 16, columns = 3, inputs = 8, winograd = 2, patches = 9, outputs = 16>,
      loops = [image, group, channel, row], weights = <panel = 16, multiple = 8, inputs = 8, winograd = 2>>} {
  %0 = lcp.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x5x5xf32>, tensor<16x8x3x3xf32>) -> tensor<1x16x5x5xf32>
  %1 = lcp.relu %0 : tensor<1x16x5x5xf32>
  return %1 : tensor<1x16x5x5xf32>
}

// -----

// Bytes on AVX2: a block of 8 channels is two quads, each of which 4 points and 2
// vectors of outputs take. A weight takes its input's sign.
// CHECK-LABEL: func.func private @bytes
// CHECK: vector.load %{{.*}} : memref<{{.*}}xi8>, vector<4xi8>
// CHECK: math.absi
// CHECK-COUNT-16: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT: pmadd.wd
func.func private @bytes(%x: tensor<1x16x4x4xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>}, %w: tensor<16x16x1x1xi8>)
    -> (tensor<1x16x4x4xi32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "dot_conv", lanes = 8, dots = pmadd,
      tile = <channels = 16, columns = 4>, loops = [image, group, channel, row],
      weights = <panel = 16, multiple = 8, inputs = 8, together = 4>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x4x4xi8>, tensor<16x16x1x1xi8>) -> tensor<1x16x4x4xi32>
  return %0 : tensor<1x16x4x4xi32>
}

// -----

// AVX-512 VNNI: inputs with their sign bits flipped, and sums that begin with what
// makes up for it.
// CHECK-LABEL: func.func private @offset_bytes
// CHECK: vector.bitcast %{{.*}} : vector<64xi8> to vector<16xi32>
// CHECK: arith.xori
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
func.func private @offset_bytes(%x: tensor<1x16x4x4xi8> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>}, %w: tensor<16x16x1x1xi8>)
    -> (tensor<1x16x4x4xi32> {lcp_cpu.layout = #lcp_cpu.layout<block = 16>})
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "dot_conv", lanes = 16, dots = dpbusd,
      tile = <channels = 16, columns = 4>, loops = [image, group, channel, row],
      weights = <panel = 16, multiple = 16, inputs = 16, together = 4, offset = 128>>} {
  %0 = lcp.conv2d %x, %w : (tensor<1x16x4x4xi8>, tensor<16x16x1x1xi8>) -> tensor<1x16x4x4xi32>
  return %0 : tensor<1x16x4x4xi32>
}

// -----

// Requantised in doubles, where these hold the products.
// CHECK-LABEL: func.func private @exact
// CHECK: math.fma {{.*}} : vector<8xf64>
// CHECK-NOT: arith.shrsi
func.func private @exact(%x: tensor<1x8xi32>, %m: tensor<1xi32> {lcp_cpu.view = tensor<1xi32>}) -> tensor<1x8xi8>
    attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "elementwise", lanes = 8>} {
  %0 = lcp.requantize %x, %m, %m {lcp_cpu.fits_double} : (tensor<1x8xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<1x8xi8>
  return %0 : tensor<1x8xi8>
}
