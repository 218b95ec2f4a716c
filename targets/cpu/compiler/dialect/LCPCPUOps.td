//===- LCPCPUOps.td - The one op of the CPU target ---------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUOPS_TD
#define LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUOPS_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "targets/cpu/compiler/dialect/LCPCPUAttributes.td"

def LCPCPU_Tensor : StaticShapeTensorOf<[F32, I8, I32]>;

def LCPCPU_ConvertLayoutOp
    : Op<LCPCPU_Dialect, "convert_layout", [SameOperandsAndResultType]> {
  let summary = "The operand, written to a buffer of its own in another layout";
  let description = [{
    The result is a new buffer, so two conversions of one value are two values,
    whatever their layouts. One that keeps the layout is a plain copy: an output
    of the unit needs memory that nothing else is written to.

    Constraints:
    - (C1) a tensor that is not an image has the plain layout.

    Example:

    ```mlir
    %y = lcp_cpu.convert_layout %x to <block = 16> : tensor<1x64x8x8xf32>
    ```
  }];
  let arguments = (ins LCPCPU_Tensor:$input, LCPCPU_LayoutAttr:$layout);
  let results = (outs Res<LCPCPU_Tensor, "", [MemAlloc]>:$result);
  let assemblyFormat = "$input `to` $layout attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUOPS_TD
