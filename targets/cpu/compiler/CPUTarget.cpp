//===- CPUTarget.cpp - Units to executables -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/CPUTarget.h"
#include "common/devices/Device.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "targets/cpu/abi/CPUAbi.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/object/CodeGen.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
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
  std::optional<QuantSpec> getQuantSpec() const override { return QuantSpec(); }
  void registerDialects(DialectRegistry &registry) const override {
    registry
        .insert<LCPCPUDialect, LCPDialect, func::FuncDialect,
                arith::ArithDialect, math::MathDialect, memref::MemRefDialect,
                scf::SCFDialect, vector::VectorDialect, LLVM::LLVMDialect>();
    registerCodeGenDialects(registry);
  }
  FailureOr<CompiledBranch>
  compile(ModuleOp unit, const CompileSettings &settings) const override;

private:
  FailureOr<std::vector<char>>
  makeExecutable(ModuleOp kernels, const StepTable &table,
                 const Machine &machine, const PassManagerSetup &setUp) const;

  std::string name, description;
  /// By all that goes into them: branches of equal widths differ only in their
  /// weights, which are no part of an executable.
  mutable llvm::StringMap<std::vector<char>> executables;
};

/// All that an executable is made of, except for the machine.
std::string describeExecutable(ModuleOp kernels, const StepTable &table) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  // The module itself has the branch's name.
  for (Operation &kernel : *kernels.getBody())
    stream << kernel << '\n';
  stream << table.arenaBytes << ' ' << table.weightBytes << ' '
         << table.numInputs << ' ' << table.numOutputs;
  for (const StepCall &step : table.steps) {
    stream << '\n' << step.kernel;
    for (const BufferRef &buffer : step.buffers)
      stream << ' ' << buffer.kind << ':' << buffer.position;
  }
  return key;
}

FailureOr<std::vector<char>>
CPUTarget::makeExecutable(ModuleOp kernels, const StepTable &table,
                          const Machine &machine,
                          const PassManagerSetup &setUp) const {
  std::string key = describeExecutable(kernels, table);
  if (auto it = executables.find(key); it != executables.end())
    return it->second;
  auto objects = lowerToObjects(kernels, table, machine, setUp);
  if (failed(objects))
    return failure();
  auto executable = linkExecutable(*objects, kernels.getLoc());
  if (succeeded(executable))
    executables.try_emplace(key, *executable);
  return executable;
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

/// Decides everything: afterwards the IR says it all.
LogicalResult planUnit(ModuleOp unit, const Machine &machine,
                       const CompileSettings &settings) {
  unit->setAttr(kMachineAttr, machine.vectors);
  PassManager pm(unit.getContext());
  pm.addNestedPass<func::FuncOp>(createDecompose());
  pm.addNestedPass<func::FuncOp>(createChooseBlocks());
  pm.addNestedPass<func::FuncOp>(createReconcileLayouts());
  pm.addPass(createFormSteps());
  pm.addNestedPass<func::FuncOp>(createScheduleSteps({settings.exactConv}));
  pm.addPass(createPlanArena());
  return runPasses(pm, unit, settings.setUpPasses);
}

/// "block_conv, tile 32 x 1 x 14": the kernel of a step that is scheduled, and
/// the channels, rows and columns of its tile, if it has one.
std::string describeKernel(ModuleOp unit, StringRef step) {
  auto schedule =
      unit.lookupSymbol<func::FuncOp>(step)->getAttrOfType<ScheduleAttr>(
          kScheduleAttr);
  std::string text = schedule.getKernel().str();
  if (TileAttr tile = schedule.getTile())
    text += llvm::formatv(", tile {0} x {1} x {2}", tile.getChannels(),
                          tile.getRows(), tile.getColumns());
  return text;
}

FailureOr<CompiledBranch>
CPUTarget::compile(ModuleOp unit, const CompileSettings &settings) const {
  unit.getContext()->getOrLoadDialect<LCPCPUDialect>();
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

  if (failed(planUnit(unit, *machine, settings)))
    return failure();
  StepTable table = buildStepTable(*function, part.weights.bytes);
  function->erase();
  for (const StepCall &step : table.steps)
    branch.notes.push_back(
        {step.layer, name, "", describeKernel(unit, step.kernel)});
  auto executable = makeExecutable(unit, table, *machine, settings.setUpPasses);
  if (failed(executable))
    return failure();

  part.code.bytes = std::move(*executable);
  part.arenaBytes = table.arenaBytes;
  for (const StepCall &step : table.steps)
    part.layers.push_back(step.layer);
  branch.parts.push_back(std::move(part));
  return branch;
}

} // namespace

/// One target for every device file of kind cpu. A file that cannot be read is
/// a target too, whose use reports the file's problems.
void mlir::lcp::cpu::registerTargets(TargetRegistry &registry) {
  registerLCPCPUPasses();
  registerCodeGenPasses();
  std::string folder = ::lcp::deviceFolder();
  for (const std::string &name : ::lcp::listDevices(folder)) {
    std::vector<std::string> problems;
    auto device = ::lcp::findDevice(name, folder, problems);
    if (!device)
      registry.add(std::make_unique<CPUTarget>(name, problems.front()));
    else if (device->kind == "cpu")
      registry.add(
          std::make_unique<CPUTarget>(name, ::lcp::describeDevice(*device)));
  }
}
