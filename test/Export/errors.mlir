// RUN: not lcp-translate --export-onnx %s -o %t.onnx 2>&1 | FileCheck %s
// RUN: not ls %t.onnx
// RUN: not lcp-translate --export-onnx %t.none.mlir -o %t.onnx 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not lcp-translate --export-onnx %S/branches.mlir -o %t.none/x.onnx 2>&1 | FileCheck %s --check-prefix=NOWHERE
// RUN: not lcp-translate --export-onnx %S/branches.mlir --external-data-over=1 -o - 2>&1 | FileCheck %s --check-prefix=BESIDE

// CHECK: lcp-translate: error: node 'q': an integer model has no ONNX form here; export it before it is quantised
// ABSENT: lcp-translate: error: cannot open input file
// NOWHERE: lcp-translate: error: cannot write '{{.*}}x.onnx': No such file or directory
// BESIDE: error: the weights need a file of their own beside the model
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %q = lcp.quantize %x {scale = 0.5 : f32} : (tensor<1x4xf32>) -> tensor<1x4xi8> loc("q")
  %y = lcp.dequantize %q {scale = 0.5 : f32} : (tensor<1x4xi8>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
