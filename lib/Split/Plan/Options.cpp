//===- Options.cpp - Options that split passes share ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Plan/Options.h"
#include "lcp/Dialect/LCP/IR/SplitPasses.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

std::string mlir::lcp::expandFactor(StringRef options) {
  bool bare = !options.empty() && !options.contains('=');
  return (bare ? "factor=" + options : options).str();
}

LogicalResult mlir::lcp::checkFactor(Operation *op, int64_t factor,
                                     StringRef parts) {
  if (factor >= 1 && factor <= kMaxFactor)
    return success();
  return op->emitError("the factor must be a number of ")
         << parts << " from 1 to " << kMaxFactor << ", not " << factor;
}

LogicalResult mlir::lcp::checkWidthOptions(Operation *op, StringRef round,
                                           int64_t fatten, StringRef assign,
                                           StringRef cut) {
  if (round != "spread" && round != "floor")
    return op->emitError("round='") << round << "' is not spread or floor";
  if (fatten < 0 || fatten > 1000)
    return op->emitError("fatten must be a percentage from 0 to 1000, not ")
           << fatten;
  if (assign != "contiguous" && assign != "affinity")
    return op->emitError("assign='")
           << assign << "' is not contiguous or affinity";
  if (assign == "affinity" && round == "floor")
    return op->emitError("assign=affinity chooses among all channels of a "
                         "layer, and round=floor drops some; use "
                         "round=spread");
  if (cut != "column" && cut != "column-row")
    return op->emitError("cut='") << cut << "' is not column or column-row";
  return success();
}

/// Of `pass{a=1 b=2}` what stands in the braces.
static SmallVector<std::string> listOptions(Pass &pass) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  pass.printAsTextualPipeline(stream);
  SmallVector<StringRef> options;
  StringRef(text).split('{').second.drop_back().split(
      options, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  return llvm::map_to_vector(options, [](StringRef o) { return o.str(); });
}

void mlir::lcp::recordPass(ModuleOp module, Pass &pass, Pass &fresh) {
  SmallVector<std::string> defaults = listOptions(fresh), given;
  for (std::string &option : listOptions(pass))
    if (!llvm::is_contained(defaults, option))
      given.push_back(std::move(option));
  std::string passes;
  if (auto before = module->getAttrOfType<StringAttr>(kSplitPassesAttr))
    passes = before.str() + ",";
  passes += pass.getArgument();
  if (!given.empty())
    passes += "{" + llvm::join(given, " ") + "}";
  module->setAttr(kSplitPassesAttr,
                  StringAttr::get(module.getContext(), passes));
}
