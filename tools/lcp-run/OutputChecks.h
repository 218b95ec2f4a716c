//===- OutputChecks.h - Whether outputs can be written ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_OUTPUTCHECKS_H
#define LCP_TOOLS_LCP_RUN_OUTPUTCHECKS_H

#include "Options.h"
#include "runtime/platform/OutputFile.h"

namespace lcp::rt {

/// Whether the files of --output, --trace and --calibrate-device can be written
/// and are different ones. Leaves nothing behind. Pipes and devices are opened
/// for the time of the run: who reads a pipe would take the closing for the
/// end.
Result<std::vector<OutputFile>> openOutputs(const RunOptions &options);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_OUTPUTCHECKS_H
