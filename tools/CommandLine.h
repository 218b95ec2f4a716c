//===- CommandLine.h - What CLI11 lacks -------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_COMMANDLINE_H
#define LCP_TOOLS_COMMANDLINE_H

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>

namespace lcp {

/// Parses the command line of a tool, --help and --version included. Gives the
/// exit status where the tool is to end at once, an error having been reported
/// in a line. An empty value ("--report=") is an error, where CLI11 would take
/// the next argument for it.
inline std::optional<int> parseCommandLine(CLI::App &app, int argc,
                                           char **argv) {
  app.set_version_flag("--version", app.get_name() + " " LCP_VERSION);
  try {
    for (int i = 1; i < argc && std::string(argv[i]) != "--"; ++i)
      if (std::string argument = argv[i];
          argument.rfind("--", 0) == 0 &&
          argument.find('=') == argument.size() - 1)
        throw CLI::ArgumentMismatch(argument + " has no value");
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == int(CLI::ExitCodes::Success))
      return app.exit(error);
    std::fprintf(stderr, "%s: error: %s (see --help)\n", app.get_name().c_str(),
                 error.what());
    return 2;
  }
  return std::nullopt;
}

} // namespace lcp

#endif // LCP_TOOLS_COMMANDLINE_H
