//===- Entry.cpp - The executable's descriptor and entry ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/abi/CPUAbi.h"
#include "targets/cpu/compiler/object/CodeGen.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using mlir::lcp::cpu::BufferRef;
using mlir::lcp::cpu::StepCall;
using mlir::lcp::cpu::StepTable;

namespace {

/// Writes the entry: loads the fields of lcp_cpu_call once, then a switch.
struct EntryBuilder {
  Module &module;
  const StepTable &table;
  IRBuilder<> b;
  Value *call = nullptr, *inputs = nullptr, *outputs = nullptr,
        *arena = nullptr, *weights = nullptr, *thread = nullptr,
        *threads = nullptr;

  EntryBuilder(Module &module, const StepTable &table)
      : module(module), table(table), b(module.getContext()) {}

  Value *loadField(Type *type, size_t offset) {
    return b.CreateLoad(
        type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), call, offset));
  }

  Value *getBuffer(const BufferRef &ref) {
    switch (ref.kind) {
    case BufferRef::Arena:
      return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), arena, ref.position);
    case BufferRef::Weights:
      return b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), weights, ref.position);
    case BufferRef::Input:
    case BufferRef::Output:
      break;
    }
    Value *table = ref.kind == BufferRef::Input ? inputs : outputs;
    return b.CreateLoad(b.getPtrTy(), b.CreateConstInBoundsGEP1_64(
                                          b.getPtrTy(), table, ref.position));
  }

  /// Of a step's kernel: its buffers, this thread's number, that of all.
  FunctionCallee declareKernel(const StepCall &step) {
    SmallVector<Type *> types(step.buffers.size(), b.getPtrTy());
    types.append(2, b.getInt64Ty());
    FunctionCallee kernel = module.getOrInsertFunction(
        step.kernel, FunctionType::get(b.getVoidTy(), types, false));
    // Linked into the same executable: called without a table.
    auto *function = cast<Function>(kernel.getCallee());
    function->setVisibility(GlobalValue::HiddenVisibility);
    function->setDSOLocal(true);
    return kernel;
  }

  void addStep(const StepCall &step) {
    SmallVector<Value *> arguments;
    for (const BufferRef &ref : step.buffers)
      arguments.push_back(getBuffer(ref));
    arguments.push_back(thread);
    arguments.push_back(threads);
    b.CreateCall(declareKernel(step), arguments);
    b.CreateRetVoid();
  }

  Function *build() {
    auto *type = FunctionType::get(b.getVoidTy(), {b.getPtrTy()}, false);
    auto *entry = Function::Create(type, Function::InternalLinkage,
                                   "lcp_cpu_run", module);
    call = entry->getArg(0);
    b.SetInsertPoint(BasicBlock::Create(b.getContext(), "", entry));
    inputs = loadField(b.getPtrTy(), offsetof(lcp_cpu_call, inputs));
    outputs = loadField(b.getPtrTy(), offsetof(lcp_cpu_call, outputs));
    arena = loadField(b.getPtrTy(), offsetof(lcp_cpu_call, arena));
    weights = loadField(b.getPtrTy(), offsetof(lcp_cpu_call, weights));
    Value *step = loadField(b.getInt64Ty(), offsetof(lcp_cpu_call, step));
    thread = loadField(b.getInt64Ty(), offsetof(lcp_cpu_call, thread));
    threads = loadField(b.getInt64Ty(), offsetof(lcp_cpu_call, threads));
    auto *none = BasicBlock::Create(b.getContext(), "", entry);
    auto *dispatch = b.CreateSwitch(step, none, table.steps.size());
    b.SetInsertPoint(none);
    b.CreateRetVoid();
    for (size_t i = 0; i < table.steps.size(); ++i) {
      auto *block = BasicBlock::Create(b.getContext(), "", entry);
      dispatch->addCase(b.getInt64(i), block);
      b.SetInsertPoint(block);
      addStep(table.steps[i]);
    }
    return entry;
  }

  void addDescriptor(Function *entry) {
    // The distance to the entry refers to the structure's own address.
    Type *word = b.getInt32Ty(), *wide = b.getInt64Ty();
    auto *type = StructType::get(
        b.getContext(), {word, word, word, word, word, word, wide, wide});
    static_assert(sizeof(lcp_cpu_descriptor) == 40);
    auto *descriptor = new GlobalVariable(module, type, /*isConstant=*/true,
                                          GlobalValue::ExternalLinkage, nullptr,
                                          "lcp_cpu_descriptor");
    descriptor->setVisibility(GlobalValue::HiddenVisibility);
    descriptor->setSection(".lcp.descriptor");
    descriptor->setAlignment(Align(64));
    Constant *distance = ConstantExpr::getTrunc(
        ConstantExpr::getSub(ConstantExpr::getPtrToInt(entry, wide),
                             ConstantExpr::getPtrToInt(descriptor, wide)),
        word);
    descriptor->setInitializer(ConstantStruct::get(
        type,
        {b.getInt32(LCP_CPU_DESCRIPTOR_MAGIC), b.getInt32(LCP_CPU_ABI_VERSION),
         b.getInt32(table.steps.size()), b.getInt32(table.numInputs),
         b.getInt32(table.numOutputs), distance, b.getInt64(table.arenaBytes),
         b.getInt64(table.weightBytes)}));
  }
};

} // namespace

void mlir::lcp::cpu::addEntry(Module &module, const StepTable &table) {
  EntryBuilder builder(module, table);
  builder.addDescriptor(builder.build());
}
