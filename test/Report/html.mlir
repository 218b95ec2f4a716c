// RUN: lcp-compile --target=rpi3 --head-target=rpi3 --report=%t.html %s -o %t.fb
// RUN: FileCheck %s --implicit-check-not="<script" < %t.html
// RUN: %python %S/Inputs/check_page.py %t.html

// Names are a stranger's: none becomes markup. Two of three branches are alike.
module attributes {lcp.model_name = "<script>alert('x')</script>", lcp.split = 3 : i64, lcp.split_passes = "lcp-split-widths{factor=3 classifier=<i>}", lcp.trained_after_split = false} {
  func.func @main(%x: tensor<1x4xf32> {lcp.name = "in\"<b>&\0A"}) -> (tensor<1x8xf32> {lcp.name = "</svg>"}) {
    %a:3 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x4xf32>, tensor<1x2xf32> {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<2x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("<i>fc'1")
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.5> : tensor<4x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("<i>fc'1")
      lcp.yield %y : tensor<1x4xf32>
    }, {
    ^bb0(%in: tensor<1x4xf32>):
      %w = lcp.constant dense<0.25> : tensor<2x4xf32>
      %y = lcp.dense %in, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("<i>fc'1")
      lcp.yield %y : tensor<1x2xf32>
    }
    %m = lcp.merge concat %a#0, %a#1, %a#2 : (tensor<1x2xf32>, tensor<1x4xf32>, tensor<1x2xf32>) -> tensor<1x8xf32>
    return %m : tensor<1x8xf32>
  }
}

// CHECK: Content-Security-Policy" content="default-src 'none'
// CHECK: <h1>&lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt;</h1>
// CHECK: not trained after the split
// CHECK: <svg
// CHECK: in&quot;&lt;b&gt;&amp;\x0a · 1×4 · 16 B
// CHECK: >branches 0, 2<
// CHECK: ▾ 16 B each
// CHECK: ▾ 8 B each
// CHECK: >branch 1<
// CHECK: ▾ 16 B<
// CHECK: concat · 1×8
// CHECK: &lt;/svg&gt;
// CHECK: </svg>
// CHECK: devices 0, 2
// CHECK: device 1
// CHECK: coordinator
// CHECK: all branches on one device
// 80 bytes at 62.24 Mbit/s and two waits of 8.83 ms.
// CHECK: over one link like rpi3&apos;s in 17.7 ms. All branches on one rpi3 compute for 0.000 ms. <b>One device would be faster.</b>
// CHECK: None: each runs where its branch runs.
// CHECK: &lt;i&gt;fc&apos;1
// CHECK: <code>lcp-opt --pass-pipeline=&quot;builtin.module(lcp-split-widths{factor=3 classifier=&lt;i&gt;})&quot;</code>
// CHECK: <code>lcp-compile --target=rpi3
