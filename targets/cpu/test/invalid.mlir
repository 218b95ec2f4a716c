// RUN: lcp-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{a halo has four sizes: top, left, bottom, right}}
func.func private @f(tensor<1x8x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 8, halo = [1, 1]>})

// -----

// expected-error @+1 {{a block of 0 channels}}
func.func private @f(tensor<1x8x8x8xf32> {lcp_cpu.layout = #lcp_cpu.layout<block = 0>})

// -----

// expected-error @+1 {{'lcp_cpu.layout' cannot be 8 : i64}}
func.func private @f(%x: tensor<1x8x8x8xf32> {lcp_cpu.layout = 8 : i64}) {
  return
}

// -----

// expected-error @+1 {{vectors have 4, 8 or 16 lanes, not 5}}
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 5, registers = 16>} {}

// -----

// expected-error @+1 {{caches of 32768 and 16384 bytes: the nearest has at least 1024, and the next no less than it}}
module attributes {lcp_cpu.machine = #lcp_cpu.machine<lanes = 8, registers = 16, l2 = 16384>} {}

// -----

func.func @f(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{only images have blocks and halos, not 'tensor<1x8xf32>' (C1)}}
  %0 = lcp_cpu.convert_layout %x to <block = 8> : tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

// expected-error @+2 {{no loop is called 'depth'}}
// expected-error @+1 {{failed to parse LCPCPU_ScheduleAttr parameter 'loops'}}
func.func private @f() attributes {lcp_cpu.schedule = #lcp_cpu.schedule<kernel = "dense", lanes = 8, loops = [depth]>}
