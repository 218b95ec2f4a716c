//===- LCPBase.td - Dialect, types and attributes ----------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPBASE_TD
#define LCP_DIALECT_LCP_IR_LCPBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def LCP_Dialect : Dialect {
  let name = "lcp";
  let cppNamespace = "::mlir::lcp";
  let summary = "Trained convolutional networks, whole or divided into branches";
  let description = [{
    The dialect holds a trained network as values of static, ranked tensor
    type. Images are NCHW. Weights are operands, produced by `lcp.constant`
    over resource blobs, so passes move handles and never bytes.

    `lcp.parallel` and `lcp.merge` carry the method (low-communication
    parallelization): N isolated regions, one a branch, and the only op that
    makes one shared value out of per-branch ones.

    Floating-point ops work on `f32`. The integer model (docs/numerics.md) uses
    the same ops on `i8` operands with `i32` results; `lcp.requantize` is the
    only way back to `i8`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = "void registerAttributes();";
}

// Every tensor of the dialect is ranked and static: a shape is known when the
// model is imported, and arenas are sized from it at compile time.
def LCP_Tensor : StaticShapeTensorOf<[F32, I8, I32]>;
def LCP_FloatTensor : StaticShapeTensorOf<[F32]>;
def LCP_ByteTensor : StaticShapeTensorOf<[I8]>;
def LCP_WordTensor : StaticShapeTensorOf<[I32]>;

def LCP_MergeConcat : I32EnumAttrCase<"Concat", 0, "concat">;
def LCP_MergeSum : I32EnumAttrCase<"Sum", 1, "sum">;
def LCP_MergeKind : I32EnumAttr<"MergeKind", "How branches become one value",
                                [LCP_MergeConcat, LCP_MergeSum]> {
  let cppNamespace = "::mlir::lcp";
  let genSpecializedAttr = 0;
}
def LCP_MergeKindAttr : EnumAttr<LCP_Dialect, LCP_MergeKind, "merge_kind">;

class LCP_Op<string mnemonic, list<Trait> traits = []>
    : Op<LCP_Dialect, mnemonic, traits>;

#endif // LCP_DIALECT_LCP_IR_LCPBASE_TD
