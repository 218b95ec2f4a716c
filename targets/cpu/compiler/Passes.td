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
    Turns a batch_norm that is left into a multiplication and an addition by
    constants, drops dropout and identity, and gives every result of the
    function an op of its own to write it: what is returned unchanged, or
    twice, is copied by an `lcp_cpu.convert_layout`.

    Example: `lcp.batch_norm %x, %s, %b, %m, %v` becomes
    `lcp.add (lcp.mul %x, %scale), %shift`.
  }];
  let dependentDialects = ["LCPCPUDialect", "LCPDialect"];
  let statistics = [
    Statistic<"numBatchNorms", "batch-norms", "Batch normalisations decomposed">
  ];
}

def AssignLayouts : Pass<"lcp-cpu-assign-layouts", "func::FuncOp"> {
  let summary = "Choose every tensor's layout over the whole graph";
  let description = [{
    Values that elementwise ops, pools, depthwise convolutions and channel
    concatenations tie together get one channel block: the one that leaves the
    fewest vector lanes idle, weighed by multiply-adds. Padding of convolutions
    becomes a halo of zeros around what they read. Where neighbours disagree an
    `lcp_cpu.convert_layout` stands between them. Arguments and results of the
    function stay plain. Every op that could have another layout than the plain
    one says which it has.

    Example, with 16 lanes: the result of a 3x3 convolution to 64 channels that
    another such convolution reads gets
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
    An elementwise op joins the step that makes its operand when nothing else
    reads that operand. Each step becomes a call of a private function that
    takes everything from outside, weights included, as arguments; layers of
    the same shape share one function.

    Example: `lcp.conv2d` and the `lcp.relu` behind it become
    `call @conv2d_relu(%x, %weight, %bias)`.
  }];
  let dependentDialects = ["func::FuncDialect", "LCPCPUDialect", "LCPDialect"];
  let statistics = [
    Statistic<"numSteps", "steps", "Steps">,
    Statistic<"numFunctions", "functions", "Distinct functions">
  ];
}

def PlanArena : Pass<"lcp-cpu-plan-arena", "ModuleOp"> {
  let summary = "Place the values between steps in one arena";
  let description = [{
    Gives every call in the public function the byte offset of its result
    (`lcp_cpu.offset`), so that values that live at the same time never overlap, or
    the index of the output that it writes (`lcp_cpu.output`). The module gets the
    exact peak as `lcp_cpu.arena_bytes`.

    Example: of three calls in a chain, the third reuses the bytes of the first.
  }];
  let dependentDialects = ["func::FuncDialect", "LCPDialect"];
}

def ScheduleSteps : Pass<"lcp-cpu-schedule", "func::FuncOp"> {
  let summary = "Choose how each step is computed";
  let description = [{
    Of all kernels that can compute a step, and of all tiles that a kernel
    proposes, the cheapest by the cost model. The choice is the step function's
    `lcp_cpu.schedule`; nothing is chosen after this pass. Public functions are
    left alone.

    Example: the step of a 3x3 convolution from 64 to 64 channels of 14x14, for
    16 lanes, gets the schedule that the attribute's page shows.
  }];
  let dependentDialects = ["LCPCPUDialect"];
  let statistics = [
    Statistic<"numCandidates", "candidates", "Tiles whose cost was compared">
  ];
}

def EmitKernels : Pass<"lcp-cpu-emit-kernels", "func::FuncOp"> {
  let summary = "Turn a step function into vector code over buffers";
  let description = [{
    A private function of one layer becomes a function over flat memrefs: its
    arguments, the result, the thread's number and the number of threads. The
    code is scf.for, vector.load, vector.fma and vector.store, as the step's
    `lcp_cpu.schedule` says. Constants are read in the form that packing gives
    them. Public functions are left alone.

    Example: a step of one `lcp.relu` becomes a loop over vectors of `lanes`
    elements.
  }];
  let dependentDialects = [
    "LCPCPUDialect", "LCPDialect", "arith::ArithDialect", "math::MathDialect",
    "memref::MemRefDialect", "scf::SCFDialect", "vector::VectorDialect"
  ];
}

def ApproximateMath : Pass<"lcp-cpu-approximate-math"> {
  let summary = "Expand exp, log and tanh to polynomials";
  let description = [{
    The executable imports nothing, the math library included. Uses MLIR's own
    polynomial approximations.

    Example: `math.exp` becomes a range reduction and a polynomial.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect",
                           "vector::VectorDialect"];
}

#endif // LCP_TARGETS_CPU_COMPILER_PASSES_TD
