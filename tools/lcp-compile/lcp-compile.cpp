//===- lcp-compile.cpp - A model in, a bundle out ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Pipeline/Pipeline.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tools/RegisterTargets.h"
#include "tools/support/Diagnostics.h"
#include "tools/support/MLIROptions.h"

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::CompileOptions;

// Serial stages run where the coordinator runs, which is most likely here.
static constexpr llvm::StringLiteral kHereTarget = "host";

static const Target *findTarget(StringRef name, const TargetRegistry &registry,
                                Location loc) {
  const Target *target = registry.lookup(name);
  if (!target)
    emitError(loc) << "unknown target '" << name
                   << "'; --list-targets prints those there are";
  return target;
}

/// What is asked of a bundle where none is made.
static LogicalResult checkPhase(const CompileOptions &options, Phase last,
                                Location loc) {
  const std::pair<StringRef, bool> given[] = {
      {"report", !options.report.empty()},
      {"golden", !options.golden.empty()},
      {"labels", !options.labels.empty()},
      {"sign", !options.sign.empty()},
      {"per-branch", options.perBranch}};
  for (auto [name, isGiven] : given)
    if (isGiven && last != Phase::Bundle)
      return emitError(loc)
             << "--" << name
             << " is for a bundle, and --compile-to=" << options.lastPhase
             << " makes none";
  return success();
}

/// Targets that compute in integers need not be told to.
static LogicalResult checkInt8(const CompileOptions &options,
                               const CompileRequest &request, Location loc) {
  bool changes = llvm::any_of(request.targets, [](const Target *target) {
    return target->getQuantSpec() && !target->prefersIntegers();
  });
  if (!options.int8 || changes)
    return success();
  return emitError(loc) << "--int8 is for CPUs: '"
                        << request.targets.front()->getName()
                        << "' computes in integers without it";
}

/// How inputs will go to workers, for the report.
static FailureOr<::lcp::InputForm>
chooseInputForm(const CompileOptions &options, Location loc) {
  using Kind = ::lcp::InputForm::Kind;
  if (options.inputBytes && (!options.image || options.report.empty()))
    return emitError(loc) << "--input-bytes is for the --report of a model "
                             "that takes images (--image)";
  if (!options.image)
    return ::lcp::InputForm{};
  return ::lcp::InputForm{options.inputBytes ? Kind::File : Kind::Pixels,
                          options.inputBytes};
}

/// The options with the names in them looked up.
static FailureOr<CompileRequest> makeRequest(const CompileOptions &options,
                                             const TargetRegistry &registry,
                                             Location loc) {
  CompileRequest request;
  for (const std::string &name : options.targets)
    request.targets.push_back(findTarget(name, registry, loc));
  request.hereTarget = findTarget(kHereTarget, registry, loc);
  if (!options.headTarget.empty())
    request.headTarget = findTarget(options.headTarget, registry, loc);
  if (llvm::is_contained(request.targets, nullptr) || !request.hereTarget ||
      (!options.headTarget.empty() && !request.headTarget))
    return failure();
  if (failed(checkInt8(options, request, loc)))
    return failure();
  request.int8 = options.int8;
  std::optional<Phase> phase = parsePhase(options.lastPhase);
  if (!phase)
    return emitError(loc) << "unknown phase '" << options.lastPhase
                          << "' in --compile-to; they are " << getPhaseNames();
  if (failed(checkPhase(options, *phase, loc)))
    return failure();
  request.last = *phase;
  StringRef report = options.report;
  if (!report.empty() && !report.ends_with(".txt") &&
      !report.ends_with(".json") && !report.ends_with(".html"))
    return emitError(loc) << "--report=" << report
                          << ": write a .txt, .json or .html file";
  request.report = options.report;
  FailureOr<::lcp::InputForm> form = chooseInputForm(options, loc);
  if (failed(form))
    return failure();
  request.inputForm = *form;
  request.model = options.input;
  request.output = options.output;
  request.perBranch = options.perBranch;
  request.calibration = options.calibrate;
  request.exactConv = options.exactConv;
  request.golden = options.golden;
  request.labels = options.labels;
  request.info.producer = "lcp-compile " LCP_VERSION;
  request.info.producerFlags = options.commandLine;
  request.info.signingKey = options.sign;
  if (options.image)
    request.info.image = ImagePreprocessing{
        options.image->mean, options.image->scale, options.image->bgr};
  return request;
}

static void listTargets(const TargetRegistry &registry) {
  for (const auto &target : registry.getTargets())
    llvm::outs() << llvm::left_justify(target->getName(), 16)
                 << target->getDescription() << '\n';
}

int main(int argc, char **argv) {
  // Before the options, which may name passes.
  registerLCPTransformsPasses();
  TargetRegistry targets;
  registerAllTargets(targets);
  std::vector<char *> arguments(argv, argv + argc);
  if (failed(takeMLIROptions(arguments)))
    return 2;
  CompileOptions options;
  if (std::optional<int> status =
          ::lcp::parseOptions(arguments.size(), arguments.data(), options))
    return *status;
  if (options.listTargets) {
    listTargets(targets);
    return 0;
  }
  DialectRegistry dialects;
  dialects.insert<func::FuncDialect, LCPDialect>();
  targets.registerDialects(dialects);
  MLIRContext context(dialects);
  LineDiagnostics diagnostics(&context, "lcp-compile");
  auto request = makeRequest(options, targets, UnknownLoc::get(&context));
  if (failed(request))
    return 1;
  PassManagerOptions passes;
  request->setUpPasses = [&](PassManager &manager) {
    return passes.apply(manager);
  };
  return succeeded(compileModel(*request, context)) ? 0 : 1;
}
