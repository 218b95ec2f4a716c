//===- Print.cpp - What --compile-to prints after outlining ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Print.h"

using namespace mlir;
using namespace mlir::lcp;

void mlir::lcp::printOutlined(OutlinedModel &model, raw_ostream &stream) {
  auto printIds = [&](ArrayRef<uint32_t> ids) {
    llvm::interleaveComma(ids, stream, [&](uint32_t id) {
      stream << model.values[id].name << " : " << model.values[id].type;
    });
  };
  for (auto &step : model.steps) {
    if (auto *merge = std::get_if<MergeStep>(&step)) {
      stream << "// merge " << stringifyMergeKind(merge->kind) << " (";
      printIds(merge->inputs);
      stream << ") -> ";
      printIds(merge->output);
      stream << "\n";
      continue;
    }
    auto &stage = std::get<Stage>(step);
    stream << "// stage, " << (stage.parallel ? "parallel" : "serial") << ", "
           << stage.units.size() << " branches\n";
    for (Unit &unit : stage.units) {
      stream << "// (";
      printIds(unit.inputs);
      stream << ") -> (";
      printIds(unit.outputs);
      stream << ")\n" << *unit.module << "\n";
    }
  }
}

void mlir::lcp::printCompiled(const CompiledModel &compiled,
                              raw_ostream &stream) {
  for (auto [s, units] : llvm::enumerate(compiled.units))
    for (auto [b, unit] : llvm::enumerate(units)) {
      stream << "s" << s << ".b" << b << " for " << unit.target->getName()
             << "\n";
      for (const CompiledPart &part : unit.branch.parts)
        stream << "  part " << part.format.name << " for " << part.format.isa
               << ": " << part.code.bytes.size() << " bytes of code, "
               << part.weights.bytes.size() << " of weights, "
               << part.arenaBytes << " of arena, " << part.layers.size()
               << " layers\n";
    }
}
