//===- lcp-dump.cpp - Shows what is in a bundle ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "Disassemble.h"
#include "common/base/Printable.h"
#include "tools/RegisterDrivers.h"

#include "tools/CommandLine.h"
#include <cstdio>

using namespace lcp;
using namespace lcp::rt;

namespace {

struct DumpOptions {
  std::string bundle, objdump = LCP_OBJDUMP;
  bool json = false, dot = false, disassemble = false;
};

Status dump(const DumpOptions &options) {
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Bundle> bundle,
                       Bundle::open(options.bundle));
  LCP_RETURN_IF_ERROR(
      bundle->checkAllSegments().withContext("'" + options.bundle + "'"));
  if (options.disassemble) {
    DriverRegistry drivers;
    registerAllDrivers(drivers);
    return disassemble(*bundle, drivers, options.objdump);
  }
  std::string text = options.json  ? describeAsJson(*bundle)
                     : options.dot ? describeAsDot(*bundle)
                                   : describeAsText(*bundle);
  std::fputs(text.c_str(), stdout);
  return {};
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Shows what is in a bundle that lcp-compile made.", "lcp-dump");
  DumpOptions options;
  app.add_option("bundle", options.bundle, "A bundle")->required();
  auto *json = app.add_flag("--json", options.json, "Print everything as JSON");
  auto *dot = app.add_flag("--dot", options.dot, "Print a graph for Graphviz")
                  ->excludes(json);
  app.add_flag("--disassemble", options.disassemble,
               "Print the code of every part")
      ->excludes(json)
      ->excludes(dot);
  app.add_option("--objdump", options.objdump,
                 "Program that disassembles machine code")
      ->capture_default_str();
  if (std::optional<int> status = lcp::parseCommandLine(app, argc, argv))
    return *status;
  Status status = dump(options);
  // The text may have filled the disk before the last flush does.
  if ((std::ferror(stdout) || std::fflush(stdout) != 0) && status.ok())
    status = Status(StatusCode::ResourceExhausted,
                    "cannot write to standard output");
  if (status.ok())
    return 0;
  std::fprintf(stderr, "lcp-dump: error: %s\n",
               printable(status.message()).c_str());
  return 1;
}
