// RUN: lcp-opt %s --lcp-split=4 --split-input-file --verify-diagnostics

// A layer that is narrower than the branches.
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w0 = lcp.constant dense<1.0> : tensor<3x1xf32>
  %w1 = lcp.constant dense<1.0> : tensor<2x3xf32>
  // expected-error@+1 {{lcp.dense has 3 channels, too few for 4 branches; use a smaller factor, or round=floor}}
  %a = lcp.dense %x, %w0 : (tensor<1x1xf32>, tensor<3x1xf32>) -> tensor<1x3xf32>
  %y = lcp.dense %a, %w1 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// expected-error@+1 {{no classifier found}}
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %y = lcp.relu %x : tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

// expected-error@+1 {{several layers could be the classifier: left, right; choose one with classifier=NODE}}
func.func @main(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %y = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("left")
  %z = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("right")
  return %y, %z : tensor<1x4xf32>, tensor<1x4xf32>
}

// -----

// expected-error@+1 {{nothing to divide: the network has only its classifier}}
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  %y = lcp.dense %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = lcp.constant dense<1.0> : tensor<4x4xf32>
  // expected-error@+1 {{the network is divided already}}
  %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
  ^bb0(%in: tensor<1x4xf32>):
    %a = lcp.slice %in {begin = 0 : i64, end = 2 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
    lcp.yield %a : tensor<1x2xf32>
  }, {
  ^bb0(%in: tensor<1x4xf32>):
    %a = lcp.slice %in {begin = 2 : i64, end = 4 : i64} : (tensor<1x4xf32>) -> tensor<1x2xf32>
    lcp.yield %a : tensor<1x2xf32>
  }
  %m = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %y = lcp.dense %m, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

// expected-error@+1 {{the module has no function @main of one block}}
module {
  func.func @other() {
    return
  }
}
