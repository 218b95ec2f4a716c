//===- EqualityTest.cpp - Engines against the integer reference ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random networks, and whole ones of known shape, are quantised, compiled to a
// stream and run on every engine that supports streams; the reference
// interpreter runs the quantised function. The outputs must be the same
// numbers.
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/Calibrate.h"
#include "lcp/Quantize/Quantize.h"
#include "lcp/Reference/Evaluate.h"
#include "lcp/Target/Target.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "runtime/driver/Driver.h"
#include "targets/gemm/compiler/Encode.h"
#include "targets/gemm/compiler/Partition.h"
#include "targets/gemm/compiler/Passes.h"
#include "targets/gemm/test/NetworkBuilder.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::lcp;
using gemm::test::NetworkBuilder;
using ::lcp::AlignedBuffer;
using ::lcp::ByteSpan;
using ::lcp::ElementType;
using ::lcp::TensorSpec;
namespace rt = ::lcp::rt;

namespace mlir::lcp::gemm {
void registerTargets(TargetRegistry &registry);
} // namespace mlir::lcp::gemm
namespace lcp::rt::gemm {
void registerDrivers(DriverRegistry &registry);
} // namespace lcp::rt::gemm

namespace {

TensorSpec toSpec(const CompiledBranch::Slot &slot) {
  TensorSpec spec{slot.name, ElementType::F32, {}};
  if (slot.type.getElementType().isInteger(8))
    spec.type = ElementType::I8;
  spec.shape.assign(slot.type.getShape().begin(), slot.type.getShape().end());
  return spec;
}

ByteSpan toSpan(const Blob &blob) {
  return {reinterpret_cast<const std::byte *>(blob.bytes.data()),
          blob.bytes.size()};
}

std::vector<char> toRaw(const reference::Tensor &tensor) {
  std::vector<char> raw(getByteSize(tensor.type));
  tensor.writeRaw(raw);
  return raw;
}

/// Stands for the CPU target: its one part is the unit itself, by number.
class ReferenceTarget final : public Target {
public:
  StringRef getName() const override { return "host"; }
  std::string getDescription() const override { return "the reference"; }
  StringRef getDevice() const override { return "host"; }
  void registerDialects(DialectRegistry &) const override {}
  FailureOr<CompiledBranch> compile(ModuleOp unit,
                                    const CompileSettings &) const override {
    CompiledBranch branch;
    CompiledPart &part = branch.parts.emplace_back();
    part.format.name = "reference";
    part.code.bytes.push_back(static_cast<char>(units.size()));
    units.push_back(unit.clone());
    func::FuncOp function = *getUnitFunction(unit);
    auto addSlots = [&](TypeRange types, SmallVectorImpl<uint32_t> &slots) {
      for (Type type : types) {
        slots.push_back(branch.slots.size());
        branch.slots.push_back({"", cast<RankedTensorType>(type)});
      }
    };
    addSlots(function.getArgumentTypes(), part.inputs);
    addSlots(function.getResultTypes(), part.outputs);
    return branch;
  }

  mutable std::vector<OwningOpRef<ModuleOp>> units;
};

class EqualityTest : public testing::Test {
protected:
  EqualityTest() {
    context.loadDialect<LCPDialect, func::FuncDialect>();
    gemm::registerTargets(targets);
    auto reference = std::make_unique<ReferenceTarget>();
    cpu = reference.get();
    targets.add(std::move(reference));
    DialectRegistry dialects;
    targets.registerDialects(dialects);
    context.appendDialectRegistry(dialects);
    rt::gemm::registerDrivers(drivers);
  }

  /// Quantises `network` as the pipeline does.
  void quantizeUnit(func::FuncOp unit) {
    ASSERT_TRUE(succeeded(verify(unit)));
    ASSERT_TRUE(succeeded(calibrate(unit, makeSeededSamples(unit, 2, 1))));
    const Target *target = targets.lookup("pynq-gemm");
    ASSERT_TRUE(succeeded(target->prepareForQuantize(unit, {})));
    ASSERT_TRUE(succeeded(quantize(unit, *target->getQuantSpec())));
    ASSERT_TRUE(succeeded(verify(unit)));
  }

  void runReferencePart(const CompiledPart &part, const CompiledBranch &branch,
                        std::vector<AlignedBuffer> &slots) {
    func::FuncOp unit = *getUnitFunction(*cpu->units[part.code.bytes[0]]);
    Sample inputs;
    for (uint32_t slot : part.inputs)
      inputs.push_back(*reference::Tensor::fromRaw(
          branch.slots[slot].type,
          {reinterpret_cast<char *>(slots[slot].data()), slots[slot].size()}));
    auto outputs = reference::evaluate(unit, inputs);
    ASSERT_TRUE(succeeded(outputs));
    for (auto [slot, output] : llvm::zip_equal(part.outputs, *outputs)) {
      std::vector<char> raw = toRaw(output);
      std::memcpy(slots[slot].data(), raw.data(), raw.size());
    }
  }

  void runPart(rt::Driver &engine, const CompiledPart &part,
               const CompiledBranch &branch,
               std::vector<AlignedBuffer> &slots) {
    std::vector<TensorSpec> inputs, outputs;
    std::vector<const void *> from;
    std::vector<void *> to;
    for (uint32_t slot : part.inputs) {
      inputs.push_back(toSpec(branch.slots[slot]));
      from.push_back(slots[slot].data());
    }
    for (uint32_t slot : part.outputs) {
      outputs.push_back(toSpec(branch.slots[slot]));
      to.push_back(slots[slot].data());
    }
    rt::PartContents contents;
    contents.format = part.format;
    contents.code = toSpan(part.code);
    contents.weights = toSpan(part.weights);
    contents.arenaBytes = part.arenaBytes;
    contents.inputs = inputs, contents.outputs = outputs;
    contents.layerNames = part.layers;
    auto executable = engine.load(contents);
    ASSERT_TRUE(executable.ok()) << executable.status().message();
    AlignedBuffer arena = *AlignedBuffer::allocate(part.arenaBytes);
    // Whatever an earlier run left must not matter.
    std::fill_n(reinterpret_cast<int8_t *>(arena.data()), arena.size(), 85);
    rt::Invocation invocation;
    invocation.inputs = {from.data(), from.size()};
    invocation.outputs = {to.data(), to.size()};
    invocation.arena = arena.data();
    ASSERT_TRUE((*executable)->run(invocation).ok());
  }

  /// What a branch's slots hold after a run: a part of the engine's format runs
  /// on `engine`, any other in the reference.
  std::vector<AlignedBuffer> runBranch(rt::Driver &engine,
                                       const CompiledBranch &branch,
                                       const Sample &inputs) {
    std::vector<AlignedBuffer> slots;
    for (const CompiledBranch::Slot &slot : branch.slots)
      slots.push_back(*AlignedBuffer::allocate(getByteSize(slot.type)));
    for (auto [i, input] : llvm::enumerate(inputs)) {
      std::vector<char> raw = toRaw(input);
      std::memcpy(slots[i].data(), raw.data(), raw.size());
    }
    for (const CompiledPart &part : branch.parts)
      if (part.format.name == "reference")
        runReferencePart(part, branch, slots);
      else
        runPart(engine, part, branch, slots);
    return slots;
  }

  /// The parts give the reference's answer on every engine; without islands
  /// there is one part.
  void expectEqual(ModuleOp module, bool islands = false) {
    func::FuncOp unit = *getUnitFunction(module);
    quantizeUnit(unit);
    Sample sample = makeSeededSamples(unit, 1, 99)[0];
    auto expected = reference::evaluate(unit, sample);
    ASSERT_TRUE(succeeded(expected));
    auto branch = targets.lookup("pynq-gemm")->compile(module, {});
    ASSERT_TRUE(succeeded(branch));
    if (!islands)
      ASSERT_EQ(branch->parts.size(), 1u);
    std::vector<rt::Driver *> engines = drivers.supporting(
        {::lcp::gemm::kFormat, ::lcp::gemm::kIsa, ::lcp::gemm::kAbiVersion});
    ASSERT_FALSE(engines.empty());
    for (rt::Driver *engine : engines) {
      SCOPED_TRACE(engine->name());
      std::vector<AlignedBuffer> slots = runBranch(*engine, *branch, sample);
      for (auto [i, output] : llvm::enumerate(*expected)) {
        std::vector<char> raw = toRaw(output);
        const AlignedBuffer &slot = slots[sample.size() + i];
        EXPECT_EQ(std::memcmp(slot.data(), raw.data(), raw.size()), 0);
        // An answer of zeros would prove nothing.
        EXPECT_GT(output.maxAbs(), 0);
      }
    }
  }

  MLIRContext context;
  TargetRegistry targets;
  ReferenceTarget *cpu;
  rt::DriverRegistry drivers;
};

class RandomEqualityTest : public EqualityTest,
                           public testing::WithParamInterface<int> {};

TEST_P(RandomEqualityTest, Network) {
  NetworkBuilder builder(&context, GetParam());
  OwningOpRef<ModuleOp> module = builder.randomNetwork(/*islands=*/false);
  expectEqual(*module);
}

TEST_P(RandomEqualityTest, NetworkWithIslands) {
  NetworkBuilder builder(&context, GetParam());
  OwningOpRef<ModuleOp> module = builder.randomNetwork(/*islands=*/true);
  expectEqual(*module, /*islands=*/true);
}

/// The stream of an engine part; with `cleanup`, canonicalize and cse run after
/// each of the passes that lower it.
FailureOr<gemm::EncodedStream> lowerPart(ModuleOp part, bool cleanup) {
  PassManager passes(part.getContext());
  OpPassManager &nested = passes.nest<func::FuncOp>();
  for (auto create :
       {gemm::createConvertLCPToGEMM, gemm::createGEMMFusePool,
        gemm::createGEMMFoldCopies, gemm::createGEMMAssignAddresses}) {
    nested.addPass(create());
    if (!cleanup)
      continue;
    nested.addPass(createCanonicalizerPass());
    nested.addPass(createCSEPass());
  }
  if (failed(passes.run(part)))
    return failure();
  return gemm::encode(*part.getOps<func::FuncOp>().begin());
}

TEST_P(RandomEqualityTest, CleanupsBetweenPassesChangeNothing) {
  NetworkBuilder builder(&context, GetParam());
  OwningOpRef<ModuleOp> module = builder.randomNetwork(/*islands=*/true);
  func::FuncOp unit = *getUnitFunction(*module);
  quantizeUnit(unit);
  for (gemm::Part &part : gemm::partition(unit)) {
    if (!part.onEngine)
      continue;
    OwningOpRef<ModuleOp> copy(part.module->clone());
    auto plain = lowerPart(*part.module, /*cleanup=*/false);
    auto cleaned = lowerPart(*copy, /*cleanup=*/true);
    ASSERT_TRUE(succeeded(plain) && succeeded(cleaned));
    EXPECT_EQ(plain->code, cleaned->code);
    EXPECT_EQ(plain->weights, cleaned->weights);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomEqualityTest, testing::Range(0, 400));

TEST_F(EqualityTest, LeNet) {
  NetworkBuilder builder(&context, 7);
  OwningOpRef<ModuleOp> module = builder.lenet();
  expectEqual(*module);
}

TEST_F(EqualityTest, NarrowResNet18) {
  NetworkBuilder builder(&context, 8);
  OwningOpRef<ModuleOp> module = builder.resnet18(/*width=*/16, /*size=*/64);
  expectEqual(*module);
}

} // namespace
