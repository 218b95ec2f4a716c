//===- Diagnostics.h - One line a problem --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_SUPPORT_DIAGNOSTICS_H
#define LCP_TOOLS_SUPPORT_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

namespace mlir::lcp {

/// Prints one line on standard error: "TOOL: error: WHERE: WHAT", where WHERE
/// is the name of the node or file:line:column, and is left out when there is
/// neither. Notes join the line of their diagnostic.
void printLine(Diagnostic &diagnostic, StringRef tool);

/// Prints the diagnostics of `context` by printLine, for as long as it lives.
class LineDiagnostics : public ScopedDiagnosticHandler {
public:
  LineDiagnostics(MLIRContext *context, StringRef tool);
};

} // namespace mlir::lcp

#endif // LCP_TOOLS_SUPPORT_DIAGNOSTICS_H
