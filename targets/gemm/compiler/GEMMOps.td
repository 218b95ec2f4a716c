//===- GEMMOps.td - The engine's commands as operations ----*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_GEMMOPS_TD
#define LCP_TARGETS_GEMM_COMPILER_GEMMOPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def GEMM_Dialect : Dialect {
  let name = "gemm";
  let cppNamespace = "::mlir::lcp::gemm";
  let summary = "Command streams of the gemm engine";
  let description = [{
    Each op that has an `into` is one command (targets/gemm/abi/Command.h): one
    layer, from feature maps in activation memory to another one there. A feature
    map is a `memref` of i8 in the order N, H, W, C; its strides are those of the
    command, so a slice of channels (`memref.subview`) costs nothing, and neither
    does the same memory in another shape (`memref.reinterpret_cast`). A
    `memref.copy` is a command too. Weights stay the lcp tensors that they were
    until the encoder packs them.

    Commands are in destination-passing style and say what memory they read and
    write, so that `canonicalize` and `cse` are welcome between any two passes.

    A function of the dialect takes and returns tensors; `gemm.load` and
    `gemm.store` stand for the bindings with which the driver moves them.
  }];
}

class GEMM_Op<string mnemonic, list<Trait> traits = []>
    : Op<GEMM_Dialect, mnemonic, traits>;

def GEMM_FeatureMap : MemRefRankOf<[I8], [4]>;
def GEMM_Read : Arg<GEMM_FeatureMap, "", [MemRead]>;
def GEMM_Written : Arg<GEMM_FeatureMap, "", [MemWrite]>;
def GEMM_Words : StaticShapeTensorOf<[I32]>;
def GEMM_Outside : StaticShapeTensorOf<[F32, I8]>;

//===----------------------------------------------------------------------===//
// Feature maps
//===----------------------------------------------------------------------===//

def GEMM_AllocOp : GEMM_Op<"alloc"> {
  let summary = "A feature map of its own in activation memory";
  let description = [{
    Constraints:
    - (C1) the feature map is static and dense.

    Example:

    ```mlir
    %0 = gemm.alloc : memref<1x8x8x16xi8>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$address);
  let results = (outs Res<GEMM_FeatureMap, "", [MemAlloc]>:$map);
  let assemblyFormat = "attr-dict `:` type($map)";
  let hasVerifier = 1;
}

// The write of no value in particular: an argument that nothing reads has its
// binding all the same.
def GEMM_LoadOp : GEMM_Op<"load", [MemoryEffects<[MemWrite]>]> {
  let summary = "A feature map that the driver fills from a tensor before the run";
  let description = [{
    With `scale` the tensor is f32 and is quantised as by `lcp.quantize`.

    Constraints:
    - (C1) the feature map is static and dense, and has as many elements as the
      tensor.
    - (C2) a tensor of f32 has a scale, one of i8 has none.

    Example:

    ```mlir
    %0 = gemm.load %arg0 {scale = 0.1 : f32} : (tensor<1x3x8x8xf32>) -> memref<1x8x8x3xi8>
    ```
  }];
  let arguments = (ins GEMM_Outside:$tensor, OptionalAttr<F32Attr>:$scale,
                       OptionalAttr<I64Attr>:$address);
  let results = (outs Res<GEMM_FeatureMap, "", [MemAlloc]>:$map);
  let assemblyFormat = "$tensor attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def GEMM_StoreOp : GEMM_Op<"store"> {
  let summary = "A tensor that the driver fills from a feature map after the run";
  let description = [{
    With `scale` the tensor is f32 and is dequantised as by `lcp.dequantize`.

    Constraints:
    - (C1) the tensor has as many elements as the feature map.
    - (C2) a tensor of f32 has a scale, one of i8 has none.

    Example:

    ```mlir
    %0 = gemm.store %map {scale = 0.1 : f32} : (memref<1x1x1x10xi8>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins GEMM_Read:$map, OptionalAttr<F32Attr>:$scale);
  let results = (outs GEMM_Outside:$tensor);
  let assemblyFormat = "$map attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

class GEMM_Command<string mnemonic>
    : GEMM_Op<mnemonic, [DestinationStyleOpInterface]> {
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable() { return getOutputMutable(); }
  }];
}

def GEMM_ConvOp : GEMM_Command<"conv"> {
  let summary = "Convolution or dense layer, requantised, perhaps pooled";
  let description = [{
    Kind::Gemm. The convolution's attributes mean what they mean on `lcp.conv2d`,
    requantisation what it means on `lcp.requantize`. With `pool_kernel` the
    output is the maximum over windows of requantised values.

    Constraints:
    - (C1) two positive strides, dilations, pool sizes and pool strides, and two
      non-negative pads: top and left. What lies below or right of the feature map
      is read as zero too.
    - (C2) input channels = groups * weight dimension 1; output channels = weight
      dimension 0, a multiple of groups; both feature maps have one batch size.
    - (C3) one bias an output channel; one multiplier and shift, or one a channel.
    - (C4) -127 <= min <= max <= 127.

    Example:

    ```mlir
    gemm.conv %in, %w, %b, %m, %s into %out {pads = array<i64: 1, 1>, min = 0 : i32}
      : memref<1x8x8x3xi8>, tensor<4x3x3x3xi8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, memref<1x8x8x4xi8>
    ```
  }];
  let arguments = (ins
    GEMM_Read:$input, StaticShapeTensorOf<[I8]>:$weight, GEMM_Words:$bias,
    GEMM_Words:$multiplier, GEMM_Words:$shift, GEMM_Written:$output,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$pool_kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$pool_strides,
    DefaultValuedAttr<I32Attr, "-127">:$min,
    DefaultValuedAttr<I32Attr, "127">:$max);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `,` $multiplier `,` $shift `into` $output
    attr-dict `:` type($input) `,` type($weight) `,` type($bias) `,`
    type($multiplier) `,` type($shift) `,` type($output)
  }];
}

class GEMM_PoolOp<string mnemonic, dag extraArgs = (ins)>
    : GEMM_Command<mnemonic> {
  let arguments = !con((ins
    GEMM_Read:$input, GEMM_Written:$output, DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations), extraArgs);
  let assemblyFormat = [{
    $input `into` $output attr-dict `:` type($input) `,` type($output)
  }];
}

def GEMM_MaxPoolOp : GEMM_PoolOp<"max_pool"> {
  let summary = "Largest value of each window";
  let description = [{
    Kind::MaxPool.

    Constraints:
    - (C1) two positive kernel sizes, strides and dilations, and two non-negative
      pads: top and left.
    - (C2) both feature maps have one batch size and as many channels.

    Example:

    ```mlir
    gemm.max_pool %in into %out {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>}
      : memref<1x9x9x4xi8>, memref<1x4x4x4xi8>
    ```
  }];
}

def GEMM_SumPoolOp : GEMM_PoolOp<"sum_pool",
    (ins I32Attr:$factor, I32Attr:$shift,
         DefaultValuedAttr<I32Attr, "-127">:$min,
         DefaultValuedAttr<I32Attr, "127">:$max)> {
  let summary = "Requantised sum of each window";
  let description = [{
    Kind::SumPool.

    Constraints:
    - (C1), (C2) as `gemm.max_pool`.

    Example:

    ```mlir
    gemm.sum_pool %in into %out {kernel = array<i64: 4, 4>, factor = 16384 : i32, shift = 18 : i32}
      : memref<1x4x4x4xi8>, memref<1x1x1x4xi8>
    ```
  }];
}

def GEMM_AddOp : GEMM_Command<"add"> {
  let summary = "Requantised weighted sum of two feature maps";
  let description = [{
    Kind::Add. With one input the second is read as zero.

    Constraints:
    - (C1) one or two inputs, a factor for each, all feature maps of one shape.

    Example:

    ```mlir
    gemm.add %a, %b into %out {factors = array<i32: 16384, 9021>, shift = 14 : i32}
      : memref<1x4x4x4xi8>, memref<1x4x4x4xi8> into memref<1x4x4x4xi8>
    ```
  }];
  let arguments = (ins
    Arg<Variadic<GEMM_FeatureMap>, "", [MemRead]>:$inputs, GEMM_Written:$output,
    DenseI32ArrayAttr:$factors, I32Attr:$shift,
    DefaultValuedAttr<I32Attr, "-127">:$min,
    DefaultValuedAttr<I32Attr, "127">:$max);
  let assemblyFormat = [{
    $inputs `into` $output attr-dict `:` type($inputs) `into` type($output)
  }];
}

#endif // LCP_TARGETS_GEMM_COMPILER_GEMMOPS_TD
