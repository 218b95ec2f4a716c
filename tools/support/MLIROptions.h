//===- MLIROptions.h - The options that mlir-opt has ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_SUPPORT_MLIROPTIONS_H
#define LCP_TOOLS_SUPPORT_MLIROPTIONS_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include <vector>

namespace mlir::lcp {

/// Another value for an option of MLIR that the command line did not give.
void setOptionDefault(StringRef option, StringRef value);

/// While it lives, IR is printed without the bytes of weights unless the
/// command line asks for them: passes print to be read.
class ShortResources {
public:
  ShortResources();
  ~ShortResources();
  ShortResources(const ShortResources &) = delete;
  ShortResources &operator=(const ShortResources &) = delete;
};

/// For a tool with a command line of its own: takes the arguments that begin
/// with "--mlir-" out of `arguments`, the first of which is the tool's name,
/// and gives them to MLIR. Reports what MLIR does not know in a line.
LogicalResult takeMLIROptions(std::vector<char *> &arguments);

/// Sets up pass managers as these options say. Times of all of them are printed
/// together, when it ends.
class PassManagerOptions {
public:
  PassManagerOptions();
  LogicalResult apply(PassManager &passes);

private:
  DefaultTimingManager manager;
  TimingScope root;
};

} // namespace mlir::lcp

#endif // LCP_TOOLS_SUPPORT_MLIROPTIONS_H
