//===- LCPOpBase.td - What operations share ----------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPOPBASE_TD
#define LCP_DIALECT_LCP_IR_LCPOPBASE_TD

include "lcp/Dialect/LCP/IR/LCPBase.td"
include "lcp/Dialect/LCP/IR/LCPComputeInterfaces.td"
include "lcp/Dialect/LCP/IR/LCPInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

defvar LCP_InferType = InferTypeOpAdaptor;

// How the splitter sees an op; `methods` are those that differ from the
// interface's defaults.
class LCP_Channels<list<string> methods = []>
    : DeclareOpInterfaceMethods<LCP_ChannelOpInterface, methods>;

// What an op with LCP_ONNXOpInterface declares.
class LCP_ONNXType<string type> {
  string declaration =
    "static ::llvm::StringRef getONNXType() { return \"" # type # "\"; }";
}

// An elementwise op whose formula means the same on integers.
def LCP_OnIntegers : NativeOpTrait<"OnIntegers"> {
  let cppNamespace = "::mlir::OpTrait::lcp";
}

class LCP_UnaryOp<string mnemonic, dag extraArgs = (ins),
                  list<Trait> traits = [LCP_Channels<>]>
    : LCP_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultType], traits)> {
  let arguments = !con((ins LCP_Tensor:$input), extraArgs);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

// An activation function: elementwise, channelwise, and an operator of ONNX.
class LCP_ActivationOp<string mnemonic, string onnxType, dag extraArgs = (ins),
                       list<Trait> traits = []>
    : LCP_UnaryOp<mnemonic, extraArgs, !listconcat([LCP_Channels<>,
        LCP_ElementwiseOpInterface, LCP_ONNXOpInterface], traits)> {
  let extraClassDeclaration = LCP_ONNXType<onnxType>.declaration;
}

#endif // LCP_DIALECT_LCP_IR_LCPOPBASE_TD
