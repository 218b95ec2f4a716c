//===- GEMMTarget.cpp - pynq-gemm as a target ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "lcp/Quantize/Quantize.h"
#include "lcp/Target/Target.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"
#include "targets/gemm/compiler/Encode.h"
#include "targets/gemm/compiler/Partition.h"
#include "targets/gemm/compiler/Passes.h"

using namespace mlir;
using namespace mlir::lcp;

namespace mlir::lcp::gemm {
/// targets/CMakeLists.txt names it for tools/RegisterTargets.h.
void registerTargets(TargetRegistry &registry);
} // namespace mlir::lcp::gemm

// At the functional level the engine is simulated on this machine, so what it
// cannot do runs on this machine's CPU.
static constexpr StringRef kCPUTarget = "host";

namespace {
/// Collects the parts of a unit, and the slots between them.
class BranchBuilder {
public:
  explicit BranchBuilder(func::FuncOp unit);

  uint32_t getSlot(Value value);
  LogicalResult addEnginePart(gemm::Part &part, const PassManagerSetup &setUp);
  LogicalResult addCPUPart(gemm::Part &part, const Target &cpu,
                           const CompileSettings &settings);
  void addNotes(func::FuncOp unit, StringRef target);
  CompiledBranch take() { return std::move(branch); }

private:
  CompiledBranch branch;
  DenseMap<Value, uint32_t> slots;
};

class GEMMTarget final : public Target {
public:
  explicit GEMMTarget(const TargetRegistry &registry) : registry(registry) {}

  StringRef getName() const override { return "pynq-gemm"; }
  std::string getDescription() const override {
    return "int8 gemm engine of 32x64 cells on a PYNQ-Z1, simulated; layers it "
           "cannot do run on the host's CPU";
  }
  StringRef getDevice() const override { return "pynq-z1"; }
  std::optional<QuantSpec> getQuantSpec() const override;
  bool prefersIntegers() const override { return true; }
  LogicalResult
  prepareForQuantize(func::FuncOp unit,
                     const PassManagerSetup &setUp) const override {
    PassManager passes(unit.getContext(), func::FuncOp::getOperationName());
    passes.addPass(gemm::createGEMMMarkUnsupported());
    return runPasses(passes, unit, setUp);
  }
  void registerDialects(DialectRegistry &dialects) const override {
    dialects.insert<gemm::GEMMDialect, LCPDialect, func::FuncDialect,
                    memref::MemRefDialect>();
  }
  FailureOr<CompiledBranch>
  compile(ModuleOp unit, const CompileSettings &settings) const override;

private:
  const TargetRegistry &registry;
};
} // namespace

// What the commands can hold; Encode.cpp checks that they do.
std::optional<QuantSpec> GEMMTarget::getQuantSpec() const {
  static_assert(::lcp::gemm::kMaxMagnitude == QuantSpec::kMaxMagnitude);
  QuantSpec spec;
  spec.maxReduction = ::lcp::gemm::kMaxDepth;
  spec.maxBias = ::lcp::gemm::kMaxBias;
  spec.multiplierBits = ::lcp::gemm::kFactorBits;
  spec.maxShift = ::lcp::gemm::kMaxShift;
  return spec;
}

static std::string nameOf(func::FuncOp unit, unsigned index, bool isResult) {
  auto name = isResult ? unit.getResultAttrOfType<StringAttr>(index, kNameAttr)
                       : unit.getArgAttrOfType<StringAttr>(index, kNameAttr);
  return name ? name.str() : (isResult ? "r" : "a") + std::to_string(index);
}

BranchBuilder::BranchBuilder(func::FuncOp unit) {
  auto addSlot = [&](Value value, std::string name) {
    slots.try_emplace(value, branch.slots.size());
    branch.slots.push_back(
        {std::move(name), cast<RankedTensorType>(value.getType())});
  };
  for (BlockArgument argument : unit.getArguments())
    addSlot(argument, nameOf(unit, argument.getArgNumber(), false));
  Operation *terminator = unit.getBody().front().getTerminator();
  for (OpOperand &result : terminator->getOpOperands())
    addSlot(result.get(), nameOf(unit, result.getOperandNumber(), true));
}

uint32_t BranchBuilder::getSlot(Value value) {
  auto [it, isNew] = slots.try_emplace(value, branch.slots.size());
  if (isNew)
    branch.slots.push_back({"t" + std::to_string(it->second),
                            cast<RankedTensorType>(value.getType())});
  return it->second;
}

static LogicalResult lowerToCommands(ModuleOp module,
                                     const PassManagerSetup &setUp) {
  PassManager passes(module.getContext());
  OpPassManager &nested = passes.nest<func::FuncOp>();
  nested.addPass(gemm::createConvertLCPToGEMM());
  nested.addPass(gemm::createGEMMFusePool());
  nested.addPass(gemm::createGEMMFoldCopies());
  nested.addPass(gemm::createGEMMAssignAddresses());
  return runPasses(passes, module, setUp);
}

LogicalResult BranchBuilder::addEnginePart(gemm::Part &part,
                                           const PassManagerSetup &setUp) {
  if (failed(lowerToCommands(*part.module, setUp)))
    return failure();
  auto function = *part.module->getOps<func::FuncOp>().begin();
  FailureOr<gemm::EncodedStream> stream = gemm::encode(function);
  if (failed(stream))
    return failure();
  CompiledPart compiled;
  compiled.format = {::lcp::gemm::kFormat, ::lcp::gemm::kIsa,
                     ::lcp::gemm::kAbiVersion};
  compiled.code.bytes = std::move(stream->code);
  compiled.weights.bytes = std::move(stream->weights);
  compiled.arenaBytes = stream->memoryBytes;
  compiled.layers = std::move(stream->layers);
  for (Value input : part.inputs)
    compiled.inputs.push_back(getSlot(input));
  for (Value output : part.outputs)
    compiled.outputs.push_back(getSlot(output));
  branch.parts.push_back(std::move(compiled));
  return success();
}

// The CPU target's own slots between parts are appended to this branch's.
LogicalResult BranchBuilder::addCPUPart(gemm::Part &part, const Target &cpu,
                                        const CompileSettings &settings) {
  FailureOr<CompiledBranch> inner = cpu.compile(*part.module, settings);
  if (failed(inner))
    return failure();
  SmallVector<uint32_t> slotOf;
  for (Value value : llvm::concat<Value>(part.inputs, part.outputs))
    slotOf.push_back(getSlot(value));
  for (size_t i = slotOf.size(); i < inner->slots.size(); ++i) {
    slotOf.push_back(branch.slots.size());
    branch.slots.push_back(std::move(inner->slots[i]));
    branch.slots.back().name = "t" + std::to_string(slotOf.back());
  }
  for (CompiledPart &compiled : inner->parts) {
    for (uint32_t &slot :
         llvm::concat<uint32_t>(compiled.inputs, compiled.outputs))
      slot = slotOf[slot];
    branch.parts.push_back(std::move(compiled));
  }
  return success();
}

// One note a layer, while there are layers. With a reason it runs on the CPU.
void BranchBuilder::addNotes(func::FuncOp unit, StringRef target) {
  for (Operation &op : unit.getBody().front().without_terminator()) {
    // A requantisation belongs to the layer whose sums it takes.
    if (isa<ConstantOp, QuantizeOp, DequantizeOp, RequantizeOp>(op))
      continue;
    LayerNote note{getNodeName(op.getLoc(), "layer").str(), target.str(), "",
                   ""};
    if (auto reason = op.getAttrOfType<StringAttr>(kKeepFloatAttr)) {
      note.target = kCPUTarget.str();
      note.reason =
          (op.getName().getStringRef() + ": " + reason.getValue()).str();
    }
    branch.notes.push_back(std::move(note));
  }
}

// A result that is an argument, or another result, gets an op of its own, so
// that some part makes it.
static void separateResults(func::FuncOp function) {
  llvm::DenseSet<Value> made;
  Operation *terminator = function.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  for (OpOperand &result : terminator->getOpOperands()) {
    Operation *producer = result.get().getDefiningOp();
    if (producer && !isa<ConstantOp>(producer) &&
        made.insert(result.get()).second)
      continue;
    auto copy = builder.create<IdentityOp>(
        result.get().getLoc(), result.get().getType(), result.get());
    copy->setAttr(kKeepFloatAttr,
                  builder.getStringAttr("it only copies a tensor"));
    result.set(copy);
  }
}

FailureOr<CompiledBranch>
GEMMTarget::compile(ModuleOp unit, const CompileSettings &settings) const {
  FailureOr<func::FuncOp> function = getUnitFunction(unit);
  if (failed(function))
    return failure();
  separateResults(*function);
  BranchBuilder builder(*function);
  builder.addNotes(*function, getName());
  for (gemm::Part &part : gemm::partition(*function)) {
    if (part.onEngine) {
      if (failed(builder.addEnginePart(part, settings.setUpPasses)))
        return failure();
      continue;
    }
    const Target *cpu = registry.lookup(kCPUTarget);
    if (!cpu)
      return function->emitError("has layers that the engine cannot do, and "
                                 "this build has no target '")
             << kCPUTarget << "' for them";
    if (failed(builder.addCPUPart(part, *cpu, settings)))
      return failure();
  }
  return builder.take();
}

void gemm::registerTargets(TargetRegistry &registry) {
  registry.add(std::make_unique<GEMMTarget>(registry));
  // For lcp-opt; a tool without pass options on its command line ignores it.
  registerGEMMPasses();
}
