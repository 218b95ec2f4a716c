//===- TraceFile.h - A trace for Perfetto -----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_TRACEFILE_H
#define LCP_TOOLS_LCP_RUN_TRACEFILE_H

#include "common/base/Status.h"
#include "runtime/platform/Trace.h"

namespace lcp::rt {

/// Writes the trace in the Trace Event Format, which ui.perfetto.dev and
/// chrome://tracing open: a process a machine, a thread a lane, microseconds
/// since the first span.
Status writeTrace(const std::string &path, const Trace &trace);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_TRACEFILE_H
