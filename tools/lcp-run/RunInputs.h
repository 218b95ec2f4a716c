//===- RunInputs.h - A stream of inferences ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_RUNINPUTS_H
#define LCP_TOOLS_LCP_RUN_RUNINPUTS_H

#include "Lanes.h"
#include "Options.h"
#include "Report.h"

namespace lcp::rt {

/// Fails if standard output does not take the text.
Status print(const std::string &text);

/// Runs every inference of the set, as many at a time as there are lanes, and
/// takes what comes of them in the set's order: into the report, to standard
/// output and to the files of --output. One that fails ends the run, but takes
/// none of those before it along; so does a signal (Interrupt.h).
Status runInputs(const RunOptions &options, const InputSet &inputs,
                 Lanes &lanes, Report &report);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_RUNINPUTS_H
