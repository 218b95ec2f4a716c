//===- LCPComputeInterfaces.td - What ops compute ----------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the reference, the targets, import and export ask of an op, so that they
// need not know it by name.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPCOMPUTEINTERFACES_TD
#define LCP_DIALECT_LCP_IR_LCPCOMPUTEINTERFACES_TD

include "mlir/IR/OpBase.td"

def LCP_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::mlir::lcp";
  let description = [{
    An op that computes each element of its result from one element of each
    operand; operands are broadcast to the result's shape. What it computes is
    written once, over any kind of number
    (lib/Dialect/LCP/IR/ElementwiseFormulas.h). These methods are that formula
    over three kinds.
  }];
  let methods = [
    InterfaceMethod<[{
      An element of the result over the real numbers.
    }], "double", "evaluate", (ins "::llvm::ArrayRef<double>":$operands),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::lcp::evaluateFormula($_op, operands);
      }]>,
    InterfaceMethod<[{
      The same over integers of 32 bits, which wrap around; empty where the op
      has no meaning on integers.
    }], "std::optional<int32_t>", "evaluateInteger",
      (ins "::llvm::ArrayRef<int32_t>":$operands),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::lcp::evaluateFormula($_op, operands);
      }]>,
    InterfaceMethod<[{
      The same as ops of the arith and math dialects, on scalars or vectors of
      one type. No operand may be NaN, and the sign of a zero is of no matter.
    }], "::mlir::Value", "buildElement",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::lcp::buildFormula($_op, builder, loc, operands);
      }]>
  ];
}

def LCP_WindowOpInterface : OpInterface<"WindowOpInterface"> {
  let cppNamespace = "::mlir::lcp";
  let description = [{
    An op that slides a window over the rows and columns of NCHW images: a
    convolution or a pool. The image is its first operand. Each list is that of
    height, then width.
  }];
  let methods = [
    InterfaceMethod<"Positions in the window, at least 1.",
      "::llvm::ArrayRef<int64_t>", "getKernel">,
    InterfaceMethod<"Steps between neighbouring windows, at least 1.",
      "::llvm::ArrayRef<int64_t>", "getStrides">,
    InterfaceMethod<"Rows and columns around the image: top, left, bottom, right.",
      "::llvm::ArrayRef<int64_t>", "getPads">,
    InterfaceMethod<"Steps between neighbouring positions of a window, at least 1.",
      "::llvm::ArrayRef<int64_t>", "getDilations">
  ];
}

def LCP_ONNXOpInterface : OpInterface<"ONNXOpInterface"> {
  let cppNamespace = "::mlir::lcp";
  let description = [{
    An op that is an operator of ONNX (version 17) under another name: with the
    same operands, and the same attributes with the same defaults. Import and
    export need not know it. `kernel` is `kernel_shape` there.
  }];
  let methods = [
    StaticInterfaceMethod<"The operator's type in ONNX's default domain.",
      "::llvm::StringRef", "getONNXType">
  ];
}

#endif // LCP_DIALECT_LCP_IR_LCPCOMPUTEINTERFACES_TD
