//===- MLIROptions.cpp - The options that mlir-opt has --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/support/MLIROptions.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lcp;

static constexpr llvm::StringLiteral kResourceLimit =
    "mlir-elide-resource-strings-if-larger";

static llvm::cl::Option *findOption(StringRef name) {
  return llvm::cl::getRegisteredOptions().lookup(name);
}

void mlir::lcp::setOptionDefault(StringRef option, StringRef value) {
  llvm::cl::Option *found = findOption(option);
  if (found->getNumOccurrences() == 0)
    found->addOccurrence(0, found->ArgStr, value);
}

ShortResources::ShortResources() { setOptionDefault(kResourceLimit, "32"); }

ShortResources::~ShortResources() {
  // The command line's own occurrence has a position.
  if (llvm::cl::Option *option = findOption(kResourceLimit);
      option->getPosition() == 0)
    option->reset();
}

LogicalResult mlir::lcp::takeMLIROptions(std::vector<char *> &arguments) {
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  auto isMLIRs = [](StringRef argument) {
    return argument.starts_with("--mlir-");
  };
  std::vector<char *> taken = {arguments.front()};
  llvm::copy_if(arguments, std::back_inserter(taken), isMLIRs);
  llvm::erase_if(arguments, isMLIRs);
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::cl::ParseCommandLineOptions(taken.size(), taken.data(), "",
                                        &stream))
    return success();
  // "TOOL: what is wrong.  Try: 'TOOL --help'", and what was meant perhaps.
  StringRef tool = llvm::sys::path::filename(arguments.front());
  StringRef what = StringRef(problem).split(": ").second;
  llvm::errs() << tool
               << ": error: " << what.split('\n').first.split(".  Try: ").first
               << '\n';
  return failure();
}

PassManagerOptions::PassManagerOptions() {
  applyDefaultTimingManagerCLOptions(manager);
  root = manager.getRootScope();
}

LogicalResult PassManagerOptions::apply(PassManager &passes) {
  ShortResources brief;
  if (failed(applyPassManagerCLOptions(passes)))
    return failure();
  passes.enableTiming(root);
  return success();
}
