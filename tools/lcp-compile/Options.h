//===- Options.h - Flags of lcp-compile ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_COMPILE_OPTIONS_H
#define LCP_TOOLS_LCP_COMPILE_OPTIONS_H

#include <optional>
#include <string>
#include <vector>

namespace lcp {

/// How an 8-bit image becomes the model's input: (pixel - mean) * scale, one
/// number a channel or one for all.
struct ImageOptions {
  std::vector<float> mean, scale;
  bool bgr = false;
};

/// The command line as typed; nothing is looked up yet.
struct CompileOptions {
  std::string input, output;
  std::vector<std::string> targets;
  std::string headTarget;
  std::string lastPhase = "bundle";
  std::string report, calibrate, labels, sign;
  std::vector<std::string> golden;
  std::optional<ImageOptions> image;
  /// Of the image files that will come; 0: not said.
  uint64_t inputBytes = 0;
  bool int8 = false;
  bool perBranch = false;
  bool exactConv = false;
  bool listTargets = false;
  /// The flags again, for the bundle to remember.
  std::string commandLine;
};

/// The exit status where the program is to end (help, or a usage error that has
/// been printed); otherwise nothing, and `options` is filled.
std::optional<int> parseOptions(int argc, char **argv, CompileOptions &options);

} // namespace lcp

#endif // LCP_TOOLS_LCP_COMPILE_OPTIONS_H
