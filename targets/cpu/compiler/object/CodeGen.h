//===- CodeGen.h - From kernels to an executable ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_OBJECT_CODEGEN_H
#define LCP_TARGETS_CPU_COMPILER_OBJECT_CODEGEN_H

#include "lcp/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "targets/cpu/compiler/machine/Machine.h"
#include "targets/cpu/compiler/object/StepTable.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class Module;
} // namespace llvm

namespace mlir::lcp::cpu {

/// What translation to LLVM IR needs registered.
void registerCodeGenDialects(DialectRegistry &registry);

/// Makes the stock passes of lowerToObjects known to lcp-opt, which a crash
/// reproducer is given to.
void registerCodeGenPasses();

/// The bytes of an object file.
using Object = llvm::SmallVector<char, 0>;

/// Lowers a module of step functions and nothing else to machine code: kernels,
/// the LLVM dialect, LLVM IR, and object files, one for each kernel and one for
/// the entry. The context's threads share the work.
FailureOr<std::vector<Object>> lowerToObjects(ModuleOp module,
                                              const StepTable &table,
                                              const Machine &machine,
                                              const PassManagerSetup &setUp);

/// Adds the executable's descriptor and its entry (targets/cpu/abi/CPUAbi.h),
/// which calls the kernel of the wanted step, elsewhere, on its buffers.
void addEntry(llvm::Module &module, const StepTable &table);

/// Links objects, in their order, into an executable that runs wherever it is
/// mapped, and checks that it does: nothing imported, relocated, constructed or
/// written.
FailureOr<std::vector<char>> linkExecutable(llvm::ArrayRef<Object> objects,
                                            Location location);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_OBJECT_CODEGEN_H
