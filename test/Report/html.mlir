// RUN: lcp-compile --target=rpi3 --head-target=rpi3 --report=%t.html %s -o %t.fb
// RUN: lcp-compile --target=rpi3 --head-target=rpi3 --report=%t.json %s -o %t.fb
// RUN: %python %S/Inputs/check_page.py %t.html %t.json

// Names are a stranger's: none becomes markup. Two of three branches are alike.
// test/e2e/test_report_page.py looks at the page in a browser.
module attributes {lcp.model_name = "</script><script>alert('x')</script><!--<script>", lcp.split = 3 : i64, lcp.plan = #lcp.plan<branches = 3, classifier = "<i>", layers = {"<i>fc'1" [0:2, 2:6, 6:8]}>, lcp.trained_after_split = false} {
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
