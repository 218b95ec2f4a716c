//===- CommandLine.h - What CLI11 lacks -------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_COMMANDLINE_H
#define LCP_TOOLS_COMMANDLINE_H

#include <CLI/CLI.hpp>
#include <string>

namespace lcp {

/// Like `app.parse`, but an empty value ("--report=") is an error, where CLI11
/// would take the next argument for it.
inline void parseArguments(CLI::App &app, int argc, char **argv) {
  for (int i = 1; i < argc && std::string(argv[i]) != "--"; ++i)
    if (std::string argument = argv[i];
        argument.rfind("--", 0) == 0 &&
        argument.find('=') == argument.size() - 1)
      throw CLI::ArgumentMismatch(argument + " has no value");
  app.parse(argc, argv);
}

} // namespace lcp

#endif // LCP_TOOLS_COMMANDLINE_H
