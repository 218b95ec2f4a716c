// RUN: lcp-compile --target=rpi3 --compile-to=compile %s -o - | FileCheck %s --check-prefix=WHOLE
// RUN: lcp-compile --target=rpi3 --head-target=x86-64-v3 --compile-to=compile %s -o - | FileCheck %s --check-prefix=GIVEN

// A model without branches is compiled for --target, unless --head-target says
// otherwise.
func.func @main(%x: tensor<1x4xf32> {lcp.name = "image"}) -> tensor<1x4xf32> {
  %y = lcp.relu %x : tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// WHOLE: s0.b0 for rpi3
// GIVEN: s0.b0 for x86-64-v3
