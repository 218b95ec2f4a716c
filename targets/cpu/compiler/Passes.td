//===- Passes.td - Passes of the CPU target ----------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_PASSES_TD
#define LCP_TARGETS_CPU_COMPILER_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttachMachine : Pass<"lcp-cpu-attach-machine", "ModuleOp"> {
  let summary = "Write down what code is generated for";
  let description = [{
    Gives the module the `lcp_cpu.machine` of a device file, from which layouts
    and schedules are chosen.

    Example: with `device=rpi3` the module gets
    `lcp_cpu.machine = #lcp_cpu.machine<lanes = 4, registers = 32, scalars = lane, ...>`.
  }];
  let dependentDialects = ["LCPCPUDialect"];
  let options = [
    Option<"device", "device", "std::string", "\"host\"",
           "name of a file in the folder of devices">
  ];
}

def Decompose : Pass<"lcp-cpu-decompose", "func::FuncOp"> {
  let summary = "Remove the ops that need no code of their own";
  let description = [{
    Turns a batch_norm that nothing absorbed into a multiplication by a constant
    and an addition of one, drops dropout and identity, and gives every result
    of the function an op of its own that writes it: an argument or a constant
    that is returned, and a value that is returned twice, are copied by an
    `lcp_cpu.convert_layout`.

    Example: `lcp.batch_norm %x, %s, %b, %m, %v` becomes
    `lcp.add (lcp.mul %x, %scale), %shift`.
  }];
  let dependentDialects = ["LCPCPUDialect", "LCPDialect"];
  let statistics = [
    Statistic<"numBatchNorms", "batch-norms", "Batch normalisations decomposed">
  ];
}

def ChooseBlocks : Pass<"lcp-cpu-choose-blocks", "func::FuncOp"> {
  let summary = "Choose the channel block of every image";
  let description = [{
    Values that elementwise ops, pools, depthwise convolutions and channel
    concatenations tie together get one channel block: the one with which the
    cost model finds the most vector lanes busy, weighed by multiply-adds. A
    block of one is a plain image, along whose columns vectors run. Every op
    whose result could be in blocks gets the choice as its `lcp_cpu.layout`, still
    without a halo.

    Example, with 16 lanes: a convolution to 64 channels gets
    `lcp_cpu.layout = #lcp_cpu.layout<block = 16>`, one to 4 channels of 30x30
    `#lcp_cpu.layout<block = 1>`.
  }];
  let dependentDialects = ["LCPCPUDialect", "LCPDialect"];
}

def ReconcileLayouts : Pass<"lcp-cpu-reconcile-layouts", "func::FuncOp"> {
  let summary = "Give every value the layout that its readers need";
  let description = [{
    Completes the layouts that `lcp-cpu-choose-blocks` began. The padding of a
    convolution becomes a halo of zeros around what it reads. Where a reader
    needs another block than its operand has, or the plain layout, or a halo
    around an argument, an `lcp_cpu.convert_layout` is put between the two.
    Arguments and results of the function stay plain.

    Example: the result of a 3x3 convolution in blocks of 16 channels, read by
    another such convolution, gets
    `lcp_cpu.layout = #lcp_cpu.layout<block = 16, halo = [1, 1, 1, 1]>`.
  }];
  let dependentDialects = ["LCPCPUDialect", "LCPDialect"];
  let statistics = [
    Statistic<"numConversions", "conversions", "Conversions of layouts">
  ];
}

def FormSteps : Pass<"lcp-cpu-form-steps", "ModuleOp"> {
  let summary = "Outline each layer, with what is fused into it, as a function";
  let description = [{
    A step is a layer with the elementwise ops that are fused into it: such an op
    joins the step that makes its operand when nothing else reads that operand.
    Each step becomes a call of a private function, the step function, which
    takes everything from outside, weights included, as arguments; equal steps
    share one function.

    Example: `lcp.conv2d` and the `lcp.relu` behind it become
    `call @conv2d_relu(%x, %weight, %bias)`.
  }];
  let dependentDialects = ["func::FuncDialect", "LCPCPUDialect", "LCPDialect"];
  let statistics = [
    Statistic<"numSteps", "steps", "Steps">,
    Statistic<"numFunctions", "functions", "Distinct functions">
  ];
}

def ScheduleSteps : Pass<"lcp-cpu-schedule", "func::FuncOp"> {
  let summary = "Choose how each step is computed";
  let description = [{
    Of all kernels that can compute a step, and of all tiles that each of them
    proposes, takes the one that costs least by the cost model. The choice is the
    step function's `lcp_cpu.schedule`; nothing is chosen after this pass. Public
    functions are left alone. With `exact-conv` only kernels that add the products
    of the layer itself are taken, and none that transforms them (docs/numerics.md).

    Example: the step of a 3x3 convolution from 64 to 64 channels of 14x14, for
    16 lanes, gets the schedule that the attribute's page shows.
  }];
  let dependentDialects = ["LCPCPUDialect"];
  let options = [
    Option<"exactConv", "exact-conv", "bool", "false",
           "compute no convolution by a transform">
  ];
  let statistics = [
    Statistic<"numCandidates", "candidates", "Tiles whose cost was compared">
  ];
}

def PlanArena : Pass<"lcp-cpu-plan-arena", "ModuleOp"> {
  let summary = "Place the values between steps in one arena";
  let description = [{
    Every call in the public function gets the byte offset of its result
    (`lcp_cpu.offset`), such that values that live at the same time never overlap,
    or the index of the output that it writes (`lcp_cpu.output`). The module gets
    the arena's size as `lcp_cpu.arena_bytes`.

    Example: of three calls in a chain, the third reuses the bytes of the first.
  }];
  let dependentDialects = ["func::FuncDialect", "LCPDialect"];
}

def EmitKernels : Pass<"lcp-cpu-emit-kernels", "func::FuncOp"> {
  let summary = "Turn a step function into vector code over buffers";
  let description = [{
    A step function becomes a kernel's code: a function of a flat memref for each
    argument and for the result, of the thread's number and of the number of
    threads. It consists of scf.for, vector.load, vector.fma and vector.store, as
    the step's `lcp_cpu.schedule` says, and reads constants in the order in which
    they are packed. Public functions are left alone.

    Example: a step of one `lcp.relu` becomes a loop over vectors of `lanes`
    elements.
  }];
  let dependentDialects = [
    "LCPCPUDialect", "LCPDialect", "LLVM::LLVMDialect", "arith::ArithDialect",
    "math::MathDialect", "memref::MemRefDialect", "scf::SCFDialect",
    "vector::VectorDialect"
  ];
}

def ApproximateMath : Pass<"lcp-cpu-approximate-math"> {
  let summary = "Expand exp, log and tanh to polynomials";
  let description = [{
    The executable imports nothing, not even the math library. The polynomials
    are MLIR's own.

    Example: `math.exp` becomes a range reduction and a polynomial.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect",
                           "vector::VectorDialect"];
}

#endif // LCP_TARGETS_CPU_COMPILER_PASSES_TD
