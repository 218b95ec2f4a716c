//===- lcp-reference.cpp - Runs models in the reference interpreter ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tool of the tests:
//
//   lcp-reference MODEL [--function=NAME] [--input=X.npy]… [--output=Y.npy]…
//                 [--max-abs]
//   lcp-reference --jobs=FILE
//
// MODEL is .mlir, .mlirbc or .onnx. Runs the function NAME, or all of them, on
// the inputs in order. Results go to the outputs in order (f32 as float64), or
// to standard output as text when none is given. --max-abs prints the largest
// magnitude of each value instead, in order of execution. Each line of a job
// file is one such command line, split at spaces; for each, `ok` or `failed` is
// printed on standard output, errors on standard error, and the exit status is
// 0 only if all succeed.
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Import/ONNX/Import.h"
#include "lcp/Reference/Evaluate.h"
#include "lcp/Support/ModuleFile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/tools/Npy.h"
#include "tools/support/Diagnostics.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

namespace {
struct Job {
  StringRef model, function;
  SmallVector<StringRef> inputs, outputs;
  bool maxAbs = false;
};
} // namespace

static bool fail(const Twine &message) {
  llvm::errs() << "lcp-reference: error: " << message << '\n';
  return false;
}

static bool parseJob(ArrayRef<StringRef> arguments, Job &job) {
  for (StringRef argument : arguments) {
    if (argument.consume_front("--input="))
      job.inputs.push_back(argument);
    else if (argument.consume_front("--output="))
      job.outputs.push_back(argument);
    else if (argument.consume_front("--function="))
      job.function = argument;
    else if (argument == "--max-abs")
      job.maxAbs = true;
    else if ((argument.starts_with("-") && argument != "-") ||
             !job.model.empty())
      return fail("unexpected argument '" + argument + "'");
    else
      job.model = argument;
  }
  return !job.model.empty() || fail("no model given");
}

static void printElements(const Tensor &tensor) {
  llvm::raw_ostream &out = llvm::outs();
  out << tensor.type << " [";
  for (int64_t i = 0, size = tensor.size(); i < size; ++i) {
    out << (i ? ", " : "");
    if (tensor.isFloat())
      out << llvm::format("%.7g", tensor.floats[i]);
    else
      out << tensor.ints[i];
  }
  out << "]\n";
}

static bool writeResults(const Job &job, func::FuncOp function,
                         ArrayRef<Tensor> results) {
  if (job.outputs.empty()) {
    for (const Tensor &result : results) {
      llvm::outs() << '@' << function.getSymName() << ": ";
      printElements(result);
    }
    return true;
  }
  if (job.outputs.size() != results.size())
    return fail(Twine(job.outputs.size()) + " outputs given for " +
                Twine(results.size()) + " results of " + job.model);
  for (auto [result, path] : llvm::zip_equal(results, job.outputs))
    if (llvm::Error error = writeNpy(result, path))
      return fail(toString(std::move(error)));
  return true;
}

static bool runFunction(const Job &job, func::FuncOp function,
                        ArrayRef<Tensor> inputs) {
  auto print = [](Value value, const Tensor &tensor) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      llvm::outs() << "argument " << argument.getArgNumber();
    else
      llvm::outs() << value.getDefiningOp()->getName();
    llvm::outs() << llvm::format(": %.7g\n", tensor.maxAbs());
  };
  reference::Observer observer = nullptr;
  if (job.maxAbs)
    observer = print;
  FailureOr<SmallVector<Tensor>> results =
      reference::evaluate(function, inputs, observer);
  if (failed(results))
    return false;
  return job.maxAbs || writeResults(job, function, *results);
}

static bool runJob(const Job &job) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<func::FuncDialect, LCPDialect>();
  LineDiagnostics diagnostics(&context, "lcp-reference");
  OwningOpRef<ModuleOp> module = job.model.ends_with(".onnx")
                                     ? importONNX(job.model, context)
                                     : readModule(job.model, &context);
  if (!module)
    return false;
  SmallVector<Tensor> inputs;
  for (StringRef path : job.inputs) {
    llvm::Expected<Tensor> input = readNpy(path, &context);
    if (!input)
      return fail(toString(input.takeError()));
    inputs.push_back(std::move(*input));
  }
  bool found = false;
  for (auto function : module->getOps<func::FuncOp>()) {
    if (!job.function.empty() && function.getSymName() != job.function)
      continue;
    if (!runFunction(job, function, inputs))
      return false;
    found = true;
  }
  return found || fail("no function to run in " + job.model);
}

static bool runJobs(StringRef path) {
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!file)
    return fail(path + ": " + file.getError().message());
  SmallVector<StringRef> lines;
  (*file)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  bool good = true;
  for (StringRef line : lines) {
    SmallVector<StringRef> arguments;
    line.trim().split(arguments, ' ', -1, /*KeepEmpty=*/false);
    Job job;
    bool ok = parseJob(arguments, job) && runJob(job);
    llvm::outs() << (ok ? "ok\n" : "failed\n");
    llvm::outs().flush();
    good &= ok;
  }
  return good;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  SmallVector<StringRef> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0].consume_front("--jobs="))
    return runJobs(arguments[0]) ? 0 : 1;
  Job job;
  return parseJob(arguments, job) && runJob(job) ? 0 : 1;
}
