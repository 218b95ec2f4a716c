//===- Html.cpp - The report as one page ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file that needs no other: the JSON object, put into the page of
// lib/Report/page, whose script draws it in the browser.
//
//===----------------------------------------------------------------------===//

#include "Page.h"
#include "lcp/Report/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace mlir::lcp;

/// The object as a script element may hold it. Names in it are a stranger's:
/// without a '<' none of them ends the element.
static std::string embed(const llvm::json::Object &report) {
  std::string text =
      llvm::formatv("{0}", llvm::json::Value(llvm::json::Object(report)));
  std::string result;
  for (char c : text)
    result += c == '<' ? "\\u003c" : std::string(1, c);
  return result;
}

/// As a content security policy names the text of an element.
static std::string digest(StringRef text) {
  auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return "'sha256-" + llvm::encodeBase64(hash) + "'";
}

void mlir::lcp::printHtmlReport(const llvm::json::Object &report,
                                raw_ostream &stream) {
  // The browser takes this style and this script, and loads nothing.
  const std::string policy = "default-src 'none'; style-src " + digest(kStyle) +
                             "; script-src " + digest(kScript);
  const std::string object = embed(report);
  StringRef rest = kPage;
  for (auto [mark, content] :
       {std::pair<StringRef, StringRef>{"{{policy}}", policy},
        {"{{style}}", kStyle},
        {"{{report}}", object},
        {"{{script}}", kScript}}) {
    auto [before, after] = rest.split(mark);
    stream << before << content;
    rest = after;
  }
  stream << rest;
}
