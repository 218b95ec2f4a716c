// RUN: lcp-opt %s -split-input-file -verify-diagnostics

func.func @constant_type() {
  // expected-error@+1 {{do not lie in 'tensor<3x2xf32>' (C3)}}
  %0 = lcp.constant dense<1.0> : tensor<3x2xf32> rows from 2 -> tensor<2x2xf32>
  return
}

// -----

func.func @resource_missing() {
  // expected-error@+1 {{resource 'nothing' has no data (C2)}}
  %0 = lcp.constant dense_resource<nothing> : tensor<3x2xf32>
  return
}

// -----

func.func @resource_size() {
  // expected-error@+1 {{resource 'short' holds 4 bytes, but 'tensor<2xf32>' needs 8 (C2)}}
  %0 = lcp.constant dense_resource<short> : tensor<2xf32>
  return
}
{-# dialect_resources: { builtin: { short: "0x0400000000000000" } } #-}

// -----

func.func @conv_groups(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error@+2 {{cannot have 2 groups (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.conv2d"(%x, %w) {groups = 2 : i64} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @conv_kernel(%x: tensor<1x4x2x2xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error@+2 {{window is larger than the padded image}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.conv2d"(%x, %w) : (tensor<1x4x2x2xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x1x1xf32>
  return
}

// -----

func.func @pool_in_padding(%x: tensor<1x4x4x4xf32>) {
  // expected-error@+2 {{wholly in the padding}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.max_pool2d"(%x) {kernel = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x5x3xf32>
  return
}

// -----

func.func @clip(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{min must not be greater than max (C1)}}
  %0 = lcp.clip %x {min = 1.0 : f32, max = 0.0 : f32} : tensor<1x4xf32>
  return
}

// -----

func.func @reshape(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{cannot turn}}
  %0 = lcp.reshape %x : (tensor<1x4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @requantize(%x: tensor<1x4xi32>, %m: tensor<3xi32>) {
  // expected-error@+2 {{needs 1 or 4 multipliers and shifts}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.requantize"(%x, %m, %m) : (tensor<1x4xi32>, tensor<3xi32>, tensor<3xi32>) -> tensor<1x4xi8>
  return
}

// -----

func.func @scaled_sum_weights(%x: tensor<1x4xi8>) {
  // expected-error@+2 {{a weight for each (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.scaled_sum"(%x, %x) {weights = array<i32: 1>} : (tensor<1x4xi8>, tensor<1x4xi8>) -> tensor<1x4xi32>
  return
}

// -----

func.func @scaled_sum_overflow(%x: tensor<1x4xi8>) {
  // expected-error@+2 {{weights sum to 16777216, but must stay below 2^24 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "lcp.scaled_sum"(%x, %x) {weights = array<i32: 8388608, -8388608>} : (tensor<1x4xi8>, tensor<1x4xi8>) -> tensor<1x4xi32>
  return
}

// -----

// A branch cannot see a value that is not handed to it.
func.func @not_isolated(%x: tensor<1x4xf32>) {
  // expected-note@+1 {{required by region isolation constraints}}
  %p = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    // expected-error@+1 {{using value defined outside the region}}
    %y = lcp.relu %x : tensor<1x4xf32>
    lcp.yield %y : tensor<1x4xf32>
  }
  return
}

// -----

func.func @own_of_other_branch(%x: tensor<1x4xf32>) {
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  // expected-error@+1 {{own operand 0 must be a result for branch 0 of an earlier lcp.parallel with 2 branches on the same devices (C4)}}
  %q:2 = lcp.parallel own(%p#1, %p#0 : tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  return
}

// -----

func.func @own_of_other_device(%x: tensor<1x4xf32>) {
  %p = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  // expected-error@+1 {{own operand 0 must be a result for branch 0 of an earlier lcp.parallel with 1 branches on the same devices (C4)}}
  %q = lcp.parallel own(%p : tensor<1x4xf32>) attributes {lcp.first_device = 1 : i64} -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  return
}

// -----

func.func @device_of_another_type(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{lcp.first_device must be an i64 (C6)}}
  %p = lcp.parallel shared(%x : tensor<1x4xf32>) attributes {lcp.first_device = 1 : i32} -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  return
}

// -----

func.func @device_below_zero(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{its 1 branches from device -1 on need devices beyond 0 to 4095 (C6)}}
  %p = lcp.parallel shared(%x : tensor<1x4xf32>) attributes {lcp.first_device = -1 : i64} -> tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  return
}

// -----

func.func @last_device_too_large(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{its 2 branches from device 4095 on need devices beyond 0 to 4095 (C6)}}
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) attributes {lcp.first_device = 4095 : i64} -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  return
}

// -----

func.func @merge_part(%x: tensor<1x4xf32>) {
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  // expected-error@+1 {{all the results of one group of one lcp.parallel}}
  %m = lcp.merge sum %p#1, %p#0 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @result_without_merge(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error@+1 {{result 1 is one branch's: only lcp.merge, or the own operand of a later lcp.parallel, may use it, not 'lcp.relu' (C5)}}
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x4xf32>, tensor<1x4xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    lcp.yield %in : tensor<1x4xf32>
  }
  %y = lcp.relu %p#1 : tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

func.func @hard_sigmoid(%x: tensor<1x4xf32>) {
  // expected-error@+1 {{alpha and beta must be finite (C1)}}
  %0 = lcp.hard_sigmoid %x {alpha = 0x7F800000 : f32} : tensor<1x4xf32>
  return
}

// -----

func.func @channel_shuffle(%x: tensor<1x4x2x2xf32>) {
  // expected-error@+1 {{cannot shuffle the channels of 'tensor<1x4x2x2xf32>' in 3 groups (C1)}}
  %0 = lcp.channel_shuffle %x {groups = 3 : i64} : tensor<1x4x2x2xf32>
  return
}
