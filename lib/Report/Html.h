//===- Html.h - What the pieces of the HTML page share ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_REPORT_HTML_H
#define LCP_LIB_REPORT_HTML_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace mlir::lcp::html {

/// Text for the page, attributes and SVG included.
std::string escape(StringRef text);
/// The same of at most `limit` characters, the rest an ellipsis.
std::string escapeShort(StringRef text, size_t limit);

/// 1234567 as "1,234,567", "1.2 M" and "1.2 MB".
std::string exact(int64_t number);
std::string rounded(double number);
std::string roundedBytes(double number);
/// Milliseconds, with as many digits as say something.
std::string milliseconds(double number);

/// "1×3×224×224".
std::string dimensions(const llvm::json::Array &shape, size_t from = 0);
/// [0, 1, 2, 5] as "0–2, 5".
std::string ranges(ArrayRef<size_t> numbers);

/// The branches of a stage that differ in weights only.
struct BranchKind {
  const llvm::json::Object *first;
  SmallVector<size_t> members;
};
SmallVector<BranchKind> kindsOf(const llvm::json::Object &stage);

/// "conv 3×3" or "dense".
std::string layerKind(const llvm::json::Object &layer);
/// The width of its result.
int64_t channelsOf(const llvm::json::Object &layer);

/// The schedule as one <svg>.
void drawPicture(const llvm::json::Object &report, raw_ostream &stream);

} // namespace mlir::lcp::html

#endif // LCP_LIB_REPORT_HTML_H
