//===- LCPCPUAttributes.td - What the target decides -------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUATTRIBUTES_TD
#define LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def LCPCPU_Dialect : Dialect {
  let name = "lcp_cpu";
  let cppNamespace = "::mlir::lcp::cpu";
  let summary = "What the CPU target decides about a unit";
  let description = [{
    Decisions are attributes. The passes behind the one that writes an attribute
    only read it.

    | attribute | on | written by | type |
    |---|---|---|---|
    | `lcp_cpu.machine` | the module | `lcp-cpu-attach-machine` | `#lcp_cpu.machine` |
    | `lcp_cpu.layout` | ops, calls, arguments and results of steps | `lcp-cpu-choose-blocks`; halos: `lcp-cpu-reconcile-layouts` | `#lcp_cpu.layout` |
    | `lcp_cpu.non_negative` | `conv2d` and `dense` of `i8` | `lcp-cpu-form-steps` | unit: its input has no negative element |
    | `lcp_cpu.fits_double` | `requantize` | `lcp-cpu-form-steps` | unit: a double holds each of its products |
    | `lcp_cpu.view` | arguments of steps | `lcp-cpu-form-steps` | the tensor as which the step reads it |
    | `lcp_cpu.schedule` | step functions | `lcp-cpu-schedule` | `#lcp_cpu.schedule` |
    | `lcp_cpu.offset` | calls of steps | `lcp-cpu-plan-arena` | where in the arena the result is, in bytes |
    | `lcp_cpu.output` | calls of steps | `lcp-cpu-plan-arena` | which output of the unit the result is |
    | `lcp_cpu.arena_bytes` | the module | `lcp-cpu-plan-arena` | the arena's size |
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

class LCPCPU_Attr<string name, string attrMnemonic>
    : AttrDef<LCPCPU_Dialect, name> {
  let mnemonic = attrMnemonic;
  let assemblyFormat = "`<` struct(params) `>`";
}

//===----------------------------------------------------------------------===//
// Machine
//===----------------------------------------------------------------------===//

def LCPCPU_Scalars : I32EnumAttr<
    "Scalars", "Where a multiply-add's scalar operand comes from",
    [I32EnumAttrCase<"Memory", 0, "memory">, I32EnumAttrCase<"Lane", 1, "lane">]> {
  let cppNamespace = "::mlir::lcp::cpu";
  let genSpecializedAttr = 0;
}

def LCPCPU_ScalarsParameter : EnumParameter<LCPCPU_Scalars> {
  let defaultValue = "::mlir::lcp::cpu::Scalars::Memory";
}

def LCPCPU_Dots : I32EnumAttr<
    "Dots", "The instructions that sum products of bytes",
    [I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"PMAdd", 1, "pmadd">,
     I32EnumAttrCase<"DPBUSD", 2, "dpbusd">, I32EnumAttrCase<"SMLAL", 3, "smlal">,
     I32EnumAttrCase<"SDot", 4, "sdot">]> {
  let cppNamespace = "::mlir::lcp::cpu";
  let genSpecializedAttr = 0;
}

def LCPCPU_DotsParameter : EnumParameter<LCPCPU_Dots> {
  let defaultValue = "::mlir::lcp::cpu::Dots::None";
}

def LCPCPU_MachineAttr : LCPCPU_Attr<"Machine", "machine"> {
  let summary = "What schedules depend on: a core's vector unit and caches";
  let description = [{
    - `lanes`: f32 elements of a vector register;
    - `registers`: how many vector registers there are;
    - `scalars`: whether a multiply-add takes its scalar from `memory`, as x86
      broadcasts it, or from one `lane` of a register, as arm64 does;
    - `fmas`, `loads`: multiply-adds and loads of vectors that begin in a cycle;
    - `latency`: cycles from one multiply-add to the next that needs its result;
    - `dots`: the instructions that add products of bytes to sums of 32 bits,
      four at a time: `pmadd` (AVX2: vpmaddubsw, vpmaddwd, vpaddd), `dpbusd`
      (AVX-512 VNNI), `smlal` (NEON: smull, smlal, sadalp) or `sdot` (ARMv8.2);
      with `none` bytes are multiplied as 32-bit integers;
    - `l1d`, `l2`: bytes of a core's nearest cache of data, and of the next;
    - `memory`: bytes that a core reads from memory in a cycle.

    Example: `#lcp_cpu.machine<lanes = 16, registers = 32>`.
  }];
  let parameters = (ins
    "int64_t":$lanes,
    "int64_t":$registers,
    LCPCPU_ScalarsParameter:$scalars,
    LCPCPU_DotsParameter:$dots,
    DefaultValuedParameter<"int64_t", "2">:$fmas,
    DefaultValuedParameter<"int64_t", "2">:$loads,
    DefaultValuedParameter<"int64_t", "4">:$latency,
    DefaultValuedParameter<"int64_t", "32768">:$l1d,
    DefaultValuedParameter<"int64_t", "262144">:$l2,
    DefaultValuedParameter<"int64_t", "4">:$memory);
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

def LCPCPU_LayoutAttr : LCPCPU_Attr<"Layout", "layout"> {
  let summary = "Where an element of a tensor lies in memory";
  let description = [{
    A tensor NxCxHxW is stored as [N][C / block][H'][W'][block], where H' and W'
    include the `halo`: rows and columns of zeros at its top, left, bottom and
    right.

    Example: `#lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>`.
  }];
  let parameters = (ins
    "int64_t":$block, OptionalParameter<"::mlir::DenseI64ArrayAttr">:$halo);
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Schedule
//===----------------------------------------------------------------------===//

def LCPCPU_Loop : I32EnumAttr<
    "Loop", "A loop over tiles",
    [I32EnumAttrCase<"Image", 0, "image">, I32EnumAttrCase<"Group", 1, "group">,
     I32EnumAttrCase<"Channel", 2, "channel">, I32EnumAttrCase<"Row", 3, "row">]> {
  let cppNamespace = "::mlir::lcp::cpu";
  let genSpecializedAttr = 0;
}

def LCPCPU_LoopsParameter
    : OptionalArrayRefParameter<"::mlir::lcp::cpu::Loop", "loops, outermost first"> {
  let parser = "parseLoops($_parser)";
  let printer = "printLoops($_printer, $_self)";
}

def LCPCPU_TileAttr : LCPCPU_Attr<"Tile", "tile"> {
  let summary = "The results whose sums are in registers together";
  let description = [{
    `channels` x `rows` x `columns` results, to whose sums the products of
    `inputs` input channels are added at a time. Of a kernel that keeps its sums
    in registers throughout, `inputs` is 1. With more, the tiles of `block_conv`
    all add the products of so many inputs (rounded up to blocks) before any adds
    those of the next, and the sums wait in the result. A result of another type
    than the sums, as `i8` is of `i32`, cannot hold them.

    Of `winograd_conv`, `winograd` = m says that it computes by F(mxm, 3x3), on
    patches of mxm results. What multiplies a transformed weight is a transformed
    patch, so `columns` counts those. The transforms of `patches` patches and
    `inputs` inputs, and the sums of `outputs` outputs, are on the thread's stack
    together.

    Example: `#lcp_cpu.tile<channels = 32, columns = 14, inputs = 16>`.
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "1">:$channels,
    DefaultValuedParameter<"int64_t", "1">:$rows,
    DefaultValuedParameter<"int64_t", "1">:$columns,
    DefaultValuedParameter<"int64_t", "1">:$inputs,
    DefaultValuedParameter<"int64_t", "0">:$winograd,
    DefaultValuedParameter<"int64_t", "1">:$patches,
    DefaultValuedParameter<"int64_t", "1">:$outputs);
}

def LCPCPU_WeightsAttr : LCPCPU_Attr<"Weights", "weights"> {
  let summary = "The order in which a kernel reads its weights";
  let description = [{
    The weights OIHW of each group are packed as [O / panel][I / inputs][H][W]
    [inputs / together][panel][together]. The outputs of a group are padded with
    zeros to a multiple of `multiple`, so that the last panel may be shorter than
    the others; the inputs are padded to a multiple of `inputs`. A dense layer has
    one position (H = W = 1); a depthwise convolution counts as one group, each of
    whose outputs has one input.

    With `winograd` = m, each 3x3 window becomes the (m+2)x(m+2) products of
    F(mxm, 3x3), whose positions are outside of the inputs: [O / panel]
    [(m + 2) * (m + 2)][I][panel].

    With `offset` = o, the kernel adds o to every input. Each panel is followed by
    what makes up for it, [panel] of 32 bits: -o times the sum of the output's
    weights.

    Example: `#lcp_cpu.weights<panel = 32, multiple = 16, inputs = 16>`.
  }];
  let parameters = (ins
    "int64_t":$panel,
    DefaultValuedParameter<"int64_t", "1">:$multiple,
    DefaultValuedParameter<"int64_t", "1">:$inputs,
    DefaultValuedParameter<"int64_t", "1">:$together,
    DefaultValuedParameter<"int64_t", "0">:$winograd,
    DefaultValuedParameter<"int64_t", "0">:$offset);
}

def LCPCPU_ScheduleAttr : LCPCPU_Attr<"Schedule", "schedule"> {
  let summary = "How a step is computed";
  let description = [{
    - `kernel`: the name of a kernel in targets/cpu/compiler/kernels;
    - `lanes`: elements of the longest vectors that it uses;
    - `scalars`: where its multiply-adds find their scalar operands;
    - `dots`: the instructions with which it sums products of bytes;
    - `tile`: its register tile, where it has one;
    - `loops`: the loops over tiles, outermost first. Together they are divided
      among the threads. Loops within a tile are the kernel's own;
    - `weights`: how its weights are packed.

    `lcp-cpu-schedule` writes it, and may be overruled by hand: packing and
    `lcp-cpu-emit-kernels` obey what is written. A schedule that the kernel cannot
    do is refused.

    Example:

    ```mlir
    #lcp_cpu.schedule<kernel = "block_conv", lanes = 16,
                      tile = <channels = 32, columns = 14, inputs = 16>,
                      loops = [image, group, channel, row],
                      weights = <panel = 32, multiple = 16, inputs = 16>>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"a kernel">:$kernel,
    "int64_t":$lanes,
    LCPCPU_ScalarsParameter:$scalars,
    LCPCPU_DotsParameter:$dots,
    OptionalParameter<"::mlir::lcp::cpu::TileAttr">:$tile,
    LCPCPU_LoopsParameter:$loops,
    OptionalParameter<"::mlir::lcp::cpu::WeightsAttr">:$weights);
  let genVerifyDecl = 1;
}

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_LCPCPUATTRIBUTES_TD
