//===- CPUCheck.cpp - Compiles units and compares them with the reference -===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tool of the tests:
//
//   lcp-cpu-check --target=NAME [--run-threads=N] [--exact-conv]
//   [--benchmark | --executable=FILE] FILE.mlir
//
// Each module of the file (separated by `// -----`) is compiled, run on seeded
// inputs by the CPU driver in this process, and compared with the reference
// interpreter by the numeric contract: f32 within 1e-4 of the largest
// magnitude, integers exactly. --benchmark prints times instead of comparing.
//
// Constants written as `dense<0>` stand for seeded random weights, so that test
// files need none.
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Reference/Evaluate.h"
#include "mlir/Parser/Parser.h"
#include "runtime/driver/Driver.h"
#include "runtime/platform/Time.h"
#include "targets/cpu/compiler/CPUTarget.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <cmath>
#include <random>

namespace lcp::rt::cpu {
void registerDrivers(DriverRegistry &registry);
} // namespace lcp::rt::cpu

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

static llvm::cl::opt<std::string> file(llvm::cl::Positional, llvm::cl::Required,
                                       llvm::cl::desc("FILE.mlir"));
static llvm::cl::opt<std::string>
    targetName("target", llvm::cl::desc("Target to compile for"),
               llvm::cl::init("host"));
static llvm::cl::opt<unsigned> threads("run-threads", llvm::cl::init(1),
                                       llvm::cl::desc("Threads to run on"));
static llvm::cl::opt<bool> exactConv("exact-conv",
                                     llvm::cl::desc("As lcp-compile's"));
static llvm::cl::opt<bool>
    benchmark("benchmark", llvm::cl::desc("Print times, compare nothing"));
static llvm::cl::opt<std::string>
    executableFile("executable",
                   llvm::cl::desc("Write the executable of the last module "
                                  "and run nothing"));

namespace {

/// Seeded values: standard normal, or all of i8 and some of i32.
Tensor makeInput(RankedTensorType type, std::mt19937 &random) {
  Tensor tensor = Tensor::zeros(type);
  std::normal_distribution<float> normal;
  for (double &value : tensor.floats)
    value = normal(random);
  for (int32_t &value : tensor.ints)
    value = static_cast<int32_t>(random() % 255) - 127;
  return tensor;
}

/// Random weights of a size that keeps values near one from layer to layer.
void randomizeConstants(func::FuncOp function, std::mt19937 &random) {
  function.walk([&](ConstantOp constant) {
    RankedTensorType type = constant.getType();
    if (!constant.isSplat() || constant.getRawData().front() != 0)
      return;
    Tensor values = makeInput(type, random);
    double fanIn = std::max<int64_t>(
        1, type.getNumElements() / std::max<int64_t>(1, type.getDimSize(0)));
    for (double &value : values.floats)
      value /= std::sqrt(fanIn);
    std::vector<char> bytes(getByteSize(type));
    values.writeRaw(bytes);
    OpBuilder b(constant);
    Value replacement = createConstant(
        b, constant.getLoc(), type, "random",
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64));
    constant.replaceAllUsesWith(replacement);
    constant.erase();
  });
}

::lcp::TensorSpec toSpec(RankedTensorType type) {
  ::lcp::TensorSpec spec;
  Type element = type.getElementType();
  spec.type = element.isF32()        ? ::lcp::ElementType::F32
              : element.isInteger(8) ? ::lcp::ElementType::I8
                                     : ::lcp::ElementType::I32;
  spec.shape.assign(type.getShape().begin(), type.getShape().end());
  return spec;
}

::lcp::AlignedBuffer allocate(uint64_t bytes) {
  auto buffer = ::lcp::AlignedBuffer::allocate(bytes);
  if (!buffer.ok())
    llvm::report_fatal_error("out of memory");
  // What an earlier run left: values that show when they are used.
  std::fill_n(reinterpret_cast<uint8_t *>(buffer->data()), bytes, 0xff);
  return std::move(*buffer);
}

/// A compiled unit with buffers, ready to run.
struct Runner {
  CompiledBranch branch;
  ::lcp::AlignedBuffer weights, arena;
  std::vector<::lcp::AlignedBuffer> inputs, outputs;
  std::unique_ptr<::lcp::rt::Executable> executable;
  std::unique_ptr<::lcp::rt::ThreadPool> pool;
  std::vector<uint64_t> nanoseconds;

  bool load();
  bool run();
};

bool Runner::load() {
  CompiledPart &part = branch.parts.front();
  std::vector<::lcp::TensorSpec> inputSpecs, outputSpecs;
  auto addBuffers = [&](ArrayRef<uint32_t> slots, auto &specs, auto &buffers) {
    for (uint32_t slot : slots) {
      RankedTensorType type = branch.slots[slot].type;
      specs.push_back(toSpec(type));
      buffers.push_back(allocate(getByteSize(type)));
    }
  };
  addBuffers(part.inputs, inputSpecs, inputs);
  addBuffers(part.outputs, outputSpecs, outputs);
  weights = allocate(part.weights.bytes.size());
  llvm::copy(part.weights.bytes, reinterpret_cast<char *>(weights.data()));
  arena = allocate(part.arenaBytes);

  ::lcp::rt::PartContents contents;
  contents.format = part.format;
  contents.code = {reinterpret_cast<const std::byte *>(part.code.bytes.data()),
                   part.code.bytes.size()};
  contents.weights = {weights.data(), weights.size()};
  contents.features = part.features;
  contents.arenaBytes = part.arenaBytes;
  contents.inputs = inputSpecs;
  contents.outputs = outputSpecs;
  contents.layerNames = part.layers;
  ::lcp::rt::DriverRegistry registry;
  ::lcp::rt::cpu::registerDrivers(registry);
  auto loaded = (*registry.find("cpu"))->load(contents);
  if (!loaded.ok()) {
    llvm::errs() << loaded.status().message() << '\n';
    return false;
  }
  executable = std::move(*loaded);
  pool = std::move(*::lcp::rt::ThreadPool::create(threads));
  return true;
}

bool Runner::run() {
  std::vector<const void *> in;
  std::vector<void *> out;
  for (auto &buffer : inputs)
    in.push_back(buffer.data());
  for (auto &buffer : outputs)
    out.push_back(buffer.data());
  ::lcp::rt::Invocation invocation;
  invocation.inputs = in;
  invocation.outputs = out;
  invocation.arena = arena.data();
  invocation.pool = pool.get();
  invocation.layerNanoseconds = nanoseconds;
  return executable->run(invocation).ok();
}

/// Largest difference relative to the largest magnitude; of integers, the
/// number of different elements.
double compare(const Tensor &expected, const void *bytes) {
  Tensor got = *Tensor::fromRaw(expected.type,
                                ArrayRef<char>(static_cast<const char *>(bytes),
                                               getByteSize(expected.type)));
  double worst = 0;
  for (size_t i = 0; i < expected.floats.size(); ++i) {
    double difference = std::abs(expected.floats[i] - got.floats[i]);
    worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
  }
  for (size_t i = 0; i < expected.ints.size(); ++i)
    worst += expected.ints[i] != got.ints[i];
  if (!expected.isFloat())
    return worst;
  return worst / std::max(expected.maxAbs(), 1e-30);
}

void printTimes(Runner &runner) {
  runner.nanoseconds.assign(runner.executable->layerNames().size(), 0);
  runner.run();
  std::vector<uint64_t> best(runner.nanoseconds.size(), UINT64_MAX);
  uint64_t start = ::lcp::rt::monotonicNanoseconds(), total = UINT64_MAX;
  for (int round = 0;
       round < 10 || ::lcp::rt::monotonicNanoseconds() - start < 1000000000;
       ++round) {
    std::fill(runner.nanoseconds.begin(), runner.nanoseconds.end(), 0);
    uint64_t before = ::lcp::rt::monotonicNanoseconds();
    runner.run();
    total = std::min(total, ::lcp::rt::monotonicNanoseconds() - before);
    for (size_t i = 0; i < best.size(); ++i)
      best[i] = std::min(best[i], runner.nanoseconds[i]);
  }
  for (auto [name, time] : llvm::zip(runner.executable->layerNames(), best))
    llvm::outs() << llvm::format("%12.1f us  ", time / 1e3) << name << '\n';
  llvm::outs() << llvm::format("%12.1f us  total\n", total / 1e3);
}

bool writeExecutable(const CompiledBranch &branch) {
  std::error_code error;
  llvm::raw_fd_ostream out(executableFile, error);
  const std::vector<char> &code = branch.parts[0].code.bytes;
  out.write(code.data(), code.size());
  return !error;
}

bool compareRuns(Runner &runner, StringRef name, ArrayRef<Tensor> expected) {
  bool ok = true;
  // Twice: nothing may depend on what the arena held before.
  for (int round = 0; round < 2 && ok; ++round) {
    ok &= runner.run();
    for (auto [i, tensor] : llvm::enumerate(expected)) {
      double error = compare(tensor, runner.outputs[i].data());
      bool fits = error <= (tensor.isFloat() ? 1e-4 : 0);
      if (!fits)
        llvm::errs() << name << ": output " << i << " differs by " << error
                     << '\n';
      ok &= fits;
    }
  }
  llvm::outs() << name << (ok ? ": ok\n" : ": wrong\n");
  return ok;
}

/// Compiles the unit and does with it what the options say.
bool runUnit(ModuleOp module, StringRef name, const Target &target,
             ArrayRef<Tensor> inputs, ArrayRef<Tensor> expected) {
  uint64_t before = ::lcp::rt::monotonicNanoseconds();
  auto branch = target.compile(module, {{}, exactConv});
  if (failed(branch))
    return false;
  if (!executableFile.empty())
    return writeExecutable(*branch);
  uint64_t compiled = ::lcp::rt::monotonicNanoseconds() - before;
  Runner runner;
  runner.branch = std::move(*branch);
  if (!runner.load())
    return false;
  for (auto [buffer, input] : llvm::zip(runner.inputs, inputs))
    input.writeRaw({reinterpret_cast<char *>(buffer.data()), buffer.size()});
  if (!benchmark)
    return compareRuns(runner, name, expected);
  llvm::outs() << name << llvm::format(": compiled in %.2f s, ", compiled / 1e9)
               << "arena " << runner.branch.parts[0].arenaBytes << " bytes\n";
  printTimes(runner);
  return true;
}

bool checkModule(const std::string &text, const Target &target,
                 MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return false;
  FailureOr<func::FuncOp> function = getUnitFunction(*module);
  if (failed(function))
    return false;
  std::string name = function->getName().str();
  std::mt19937 random(1);
  randomizeConstants(*function, random);
  std::vector<Tensor> inputs;
  for (Type type : function->getArgumentTypes())
    inputs.push_back(makeInput(cast<RankedTensorType>(type), random));
  FailureOr<SmallVector<Tensor>> expected = SmallVector<Tensor>();
  if (!benchmark && executableFile.empty())
    expected = reference::evaluate(*function, inputs);
  return succeeded(expected) &&
         runUnit(*module, name, target, inputs, *expected);
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv, "CPU target check\n");
  TargetRegistry targets;
  cpu::registerTargets(targets);
  const Target *target = targets.lookup(targetName);
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(file);
  if (!target || !buffer) {
    llvm::errs() << "no such target or file\n";
    return 1;
  }
  DialectRegistry registry;
  registry.insert<LCPDialect, func::FuncDialect>();
  targets.registerDialects(registry);
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  SmallVector<StringRef> parts;
  (*buffer)->getBuffer().split(parts, "// -----");
  bool ok = true;
  for (StringRef part : parts)
    ok &= checkModule(part.str(), *target, context);
  return ok ? 0 : 1;
}
