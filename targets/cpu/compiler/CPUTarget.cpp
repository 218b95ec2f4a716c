//===- CPUTarget.cpp - Units to images ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/CPUTarget.h"
#include "mlir/Pass/PassManager.h"
#include "targets/cpu/abi/CPUAbi.h"
#include "targets/cpu/compiler/object/CodeGen.h"
#include "targets/cpu/compiler/Passes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

class CPUTarget : public Target {
public:
  CPUTarget(StringRef name, StringRef description)
      : name(name), description(description) {}

  StringRef getName() const override { return name; }
  std::string getDescription() const override { return description; }
  StringRef getDevice() const override { return name; }
  void registerDialects(DialectRegistry &registry) const override {
    registry.insert<LCPDialect, func::FuncDialect, arith::ArithDialect,
                    math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                    vector::VectorDialect>();
    registerCodeGenDialects(registry);
  }
  FailureOr<CompiledBranch>
  compile(ModuleOp unit, const PassManagerSetup &setUp) const override;

private:
  FailureOr<std::vector<char>> makeImage(ModuleOp kernels,
                                         const Program &program,
                                         const Machine &machine,
                                         const PassManagerSetup &setUp) const;

  std::string name, description;
  /// Images by all that goes into them. Branches of equal widths differ in
  /// their weights only, which are no part of an image.
  mutable llvm::StringMap<std::vector<char>> images;
};

/// All of which an image is made, but for the machine.
std::string describeImage(ModuleOp kernels, const Program &program) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  // The module itself has the branch's name.
  for (Operation &kernel : *kernels.getBody())
    stream << kernel << '\n';
  stream << program.arenaBytes << ' ' << program.weights.size() << ' '
         << program.numInputs << ' ' << program.numOutputs;
  for (const StepCall &step : program.steps) {
    stream << '\n' << step.kernel;
    for (const BufferRef &buffer : step.buffers)
      stream << ' ' << buffer.kind << ':' << buffer.position;
  }
  return key;
}

FailureOr<std::vector<char>>
CPUTarget::makeImage(ModuleOp kernels, const Program &program,
                     const Machine &machine,
                     const PassManagerSetup &setUp) const {
  std::string key = describeImage(kernels, program);
  if (auto it = images.find(key); it != images.end())
    return it->second;
  auto object = lowerToObject(kernels, program, machine, setUp);
  if (failed(object))
    return failure();
  auto image = linkImage(*object, machine, kernels.getLoc());
  if (succeeded(image))
    images.try_emplace(key, *image);
  return image;
}

/// A slot each for the unit's arguments and results.
void addSlots(CompiledBranch &branch, CompiledPart &part,
              func::FuncOp function) {
  auto add = [&](Type type, Attribute name, SmallVectorImpl<uint32_t> &list) {
    auto string = dyn_cast_or_null<StringAttr>(name);
    list.push_back(branch.slots.size());
    branch.slots.push_back(
        {string ? string.str() : std::string(), cast<RankedTensorType>(type)});
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    add(function.getArgumentTypes()[i], function.getArgAttr(i, kNameAttr),
        part.inputs);
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    add(function.getResultTypes()[i], function.getResultAttr(i, kNameAttr),
        part.outputs);
}

LogicalResult planUnit(ModuleOp unit, const VectorUnit &vector,
                       const PassManagerSetup &setUp) {
  PassManager pm(unit.getContext());
  AssignLayoutsOptions options{vector.lanes, vector.registers,
                               vector.laneOperand};
  pm.addNestedPass<func::FuncOp>(createDecompose());
  pm.addNestedPass<func::FuncOp>(createAssignLayouts(options));
  pm.addPass(createFormSteps());
  pm.addPass(createPlanArena());
  return runPasses(pm, unit, setUp);
}

FailureOr<CompiledBranch>
CPUTarget::compile(ModuleOp unit, const PassManagerSetup &setUp) const {
  FailureOr<Machine> machine = getMachine(name, unit.getLoc());
  if (failed(machine))
    return failure();
  FailureOr<func::FuncOp> function = getUnitFunction(unit);
  if (failed(function))
    return failure();
  CompiledBranch branch;
  CompiledPart part;
  part.format = {LCP_CPU_FORMAT,
                 llvm::Triple(machine->triple).getArchName().str(),
                 LCP_CPU_ABI_VERSION};
  part.features = machine->features;
  addSlots(branch, part, *function);

  if (failed(planUnit(unit, machine->vector, setUp)))
    return failure();
  Program program = buildProgram(*function, machine->vector);
  function->erase();
  auto image = makeImage(unit, program, *machine, setUp);
  if (failed(image))
    return failure();

  part.code.bytes = std::move(*image);
  part.arenaBytes = program.arenaBytes;
  for (const StepCall &step : program.steps) {
    part.layers.push_back(step.layer);
    branch.notes.push_back({step.layer, name, ""});
  }
  part.weights.bytes = std::move(program.weights);
  branch.parts.push_back(std::move(part));
  return branch;
}

} // namespace

void mlir::lcp::cpu::registerTargets(TargetRegistry &registry) {
  registerLCPCPUPasses();
  registerCodeGenPasses();
  auto add = [&](StringRef name, StringRef description) {
    registry.add(std::make_unique<CPUTarget>(name, description));
  };
  add("host", "the CPU of this machine");
  add("x86-64-v3", "any x86-64 CPU with AVX2 and FMA");
  add("aws-t2.micro", "an AWS t2.micro instance (Xeon E5-2676 v3)");
  add("rpi3", "Raspberry Pi 3B+, 64-bit (Cortex-A53)");
  add("rpi4", "Raspberry Pi 4B, 64-bit (Cortex-A72)");
}
