//===- Interrupt.h - Ctrl-C in the middle of a run --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_INTERRUPT_H
#define LCP_TOOLS_LCP_RUN_INTERRUPT_H

#include <csignal>

namespace lcp::rt {

/// While it exists, the first SIGINT or SIGTERM asks a long run to end with
/// what it has; the second ends the process, as ever. A signal that was ignored
/// before is ignored still. One at a time.
class InterruptScope {
public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope &) = delete;
  InterruptScope &operator=(const InterruptScope &) = delete;

private:
  struct sigaction onInterrupt, onTerminate;
};

/// The signal by which this run was asked to end; 0 if it was not. From any
/// thread.
int interruption();

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_INTERRUPT_H
