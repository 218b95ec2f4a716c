//===- HtmlText.cpp - Names and numbers on the HTML page ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Html.h"
#include "common/base/Printable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;
using llvm::json::Array;
using llvm::json::Object;

std::string html::escape(StringRef text) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  llvm::printHTMLEscaped(::lcp::printable(text), stream);
  return result;
}

std::string html::escapeShort(StringRef text, size_t limit) {
  if (text.size() <= limit)
    return escape(text);
  // Not within the bytes of one character.
  size_t end = limit - 1;
  while (end > 0 && (text[end] & 0xc0) == 0x80)
    --end;
  return escape(text.take_front(end)) + "…";
}

std::string html::exact(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = int(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(at, ",");
  return digits;
}

std::string html::rounded(double number) {
  const char *unit = "";
  for (const char *next : {" k", " M", " G", " T"}) {
    if (number < 1000)
      break;
    number /= 1000;
    unit = next;
  }
  bool whole = !*unit || number >= 100;
  return llvm::formatv(whole ? "{0:f0}{1}" : "{0:f1}{1}", number, unit);
}

std::string html::roundedBytes(double number) {
  return rounded(number) + (number < 1000 ? " B" : "B");
}

std::string html::milliseconds(double number) {
  if (number >= 100)
    return llvm::formatv("{0:f0}", number);
  return llvm::formatv(number >= 1 ? "{0:f1}" : "{0:f3}", number);
}

std::string html::dimensions(const Array &shape, size_t from) {
  std::string text;
  for (size_t i = from; i < shape.size(); ++i)
    text += (i > from ? "×" : "") + std::to_string(*shape[i].getAsInteger());
  return text;
}

std::string html::ranges(ArrayRef<size_t> numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size(); ++i) {
    size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1)
      ++end;
    text += (i ? ", " : "") + std::to_string(numbers[i]);
    if (end > i)
      text += (end > i + 1 ? "–" : ", ") + std::to_string(numbers[end]);
    i = end;
  }
  return text;
}

SmallVector<html::BranchKind> html::kindsOf(const Object &stage) {
  SmallVector<BranchKind> kinds;
  DenseMap<int64_t, size_t> kindOf;
  for (auto [i, item] : llvm::enumerate(*stage.getArray("branches"))) {
    const Object &branch = *item.getAsObject();
    int64_t first = branch.getInteger("same_as").value_or(i);
    auto [known, fresh] = kindOf.try_emplace(first, kinds.size());
    if (fresh)
      kinds.push_back({&branch, {}});
    kinds[known->second].members.push_back(i);
  }
  return kinds;
}

std::string html::layerKind(const Object &layer) {
  const Array &weight = *layer.getArray("weight_shape");
  if (weight.size() < 4)
    return "dense";
  return "conv " + dimensions(weight, 2);
}

int64_t html::channelsOf(const Object &layer) {
  const Array &shape = *layer.getArray("result_shape");
  return shape.size() > 1 ? *shape[1].getAsInteger() : 1;
}
