//===- NamedValueOption.h - Options whose values have names -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pass option of an enum type. LLVM's own parser for clEnumValN lists says of
// a wrong value only that it cannot be found; this one says which there are.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SUPPORT_NAMEDVALUEOPTION_H
#define LCP_SUPPORT_NAMEDVALUEOPTION_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::lcp {

/// Specialise it with a static constexpr array `list` of values and names.
template <typename Enum> struct ValueNames;

template <typename Enum> struct NamedValue {
  Enum value;
  llvm::StringLiteral name;
};

/// Base of llvm::cl::parser<Enum>, which LLVM looks for by type.
template <typename Enum>
class NamedValueParser : public llvm::cl::basic_parser<Enum> {
public:
  using llvm::cl::basic_parser<Enum>::basic_parser;

  bool parse(llvm::cl::Option &option, llvm::StringRef, llvm::StringRef text,
             Enum &value) {
    for (const NamedValue<Enum> &known : ValueNames<Enum>::list)
      if (known.name == text) {
        value = known.value;
        return false;
      }
    llvm::ArrayRef<NamedValue<Enum>> all(ValueNames<Enum>::list);
    std::string names = llvm::join(
        llvm::map_range(all.drop_back(),
                        [](const auto &known) { return known.name.str(); }),
        ", ");
    return option.error(option.ArgStr + "='" + text + "' is not " + names +
                        " or " + all.back().name);
  }

  static void print(llvm::raw_ostream &os, const Enum &value) {
    for (const NamedValue<Enum> &known : ValueNames<Enum>::list)
      if (known.value == value)
        os << known.name;
  }

  llvm::StringRef getValueName() const override { return "name"; }

  void printOptionDiff(const llvm::cl::Option &option, Enum,
                       llvm::cl::OptionValue<Enum>, size_t width) const {
    this->printOptionNoValue(option, width);
  }

  void anchor() override {}
};

} // namespace mlir::lcp

#endif // LCP_SUPPORT_NAMEDVALUEOPTION_H
