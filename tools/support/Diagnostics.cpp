//===- Diagnostics.cpp - One line a problem ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/support/Diagnostics.h"
#include "common/base/Printable.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lcp;

static std::string describe(Location location) {
  if (StringRef name = getNodeName(location); !name.empty())
    return ("node '" + name + "'").str();
  if (auto line = location->findInstanceOf<FileLineColLoc>())
    return line.getFilename().str() + ":" + std::to_string(line.getLine()) +
           ":" + std::to_string(line.getColumn());
  return {};
}

static StringRef severityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Note:
  case DiagnosticSeverity::Remark:
    return "note";
  }
  llvm_unreachable("a diagnostic has one of these severities");
}

// Messages may quote IR over several lines; a script that reads standard error
// wants one. And they quote names that a file or a plan made up: none may give
// a terminal orders.
static std::string oneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return ::lcp::printable(text);
}

void mlir::lcp::printLine(Diagnostic &diagnostic, StringRef tool) {
  std::string where = describe(diagnostic.getLocation());
  // Do not say the node twice where the message begins with its name.
  if (StringRef name = getNodeName(diagnostic.getLocation());
      !name.empty() &&
      StringRef(diagnostic.str()).starts_with(("'" + name + "' ").str()))
    where.clear();
  llvm::errs() << tool << ": " << severityName(diagnostic.getSeverity()) << ": "
               << ::lcp::printable(where) << (where.empty() ? "" : ": ")
               << oneLine(diagnostic.str());
  for (Diagnostic &note : diagnostic.getNotes())
    llvm::errs() << " (" << oneLine(note.str()) << ")";
  llvm::errs() << '\n';
}

LineDiagnostics::LineDiagnostics(MLIRContext *context, StringRef tool)
    : ScopedDiagnosticHandler(context) {
  context->printOpOnDiagnostic(false);
  setHandler([tool = tool.str()](Diagnostic &diagnostic) {
    printLine(diagnostic, tool);
    return success();
  });
}
