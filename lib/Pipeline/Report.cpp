//===- Report.cpp - What was compiled, for people and for scripts --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Pipeline/Report.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::lcp;
using llvm::json::Array;
using llvm::json::Object;

static Object describeValue(const Program::Value &value) {
  Array shape;
  for (int64_t size : value.type.getShape())
    shape.push_back(size);
  return Object{{"name", value.name},
                {"shape", std::move(shape)},
                {"bytes", getByteSize(value.type)}};
}

static Array describeValues(const Program &program, ArrayRef<uint32_t> ids) {
  Array values;
  for (uint32_t id : ids)
    values.push_back(describeValue(program.values[id]));
  return values;
}

static Object describePart(const CompiledPart &part) {
  return Object{{"driver", part.driver},
                {"isa", part.isa},
                {"code_bytes", part.code.bytes.size()},
                {"weight_bytes", part.weights.bytes.size()},
                {"arena_bytes", part.arenaBytes},
                {"steps", part.layers.size()}};
}

static Object describeBranch(const Program &program, const Unit &unit,
                             const CompiledUnit &compiled) {
  Array parts, layers;
  for (const CompiledPart &part : compiled.branch.parts)
    parts.push_back(describePart(part));
  for (const LayerNote &note : compiled.branch.notes)
    layers.push_back(Object{{"layer", note.layer},
                            {"target", note.target},
                            {"reason", note.reason}});
  return Object{{"target", compiled.target->getName()},
                {"device", compiled.target->getDevice()},
                {"inputs", describeValues(program, unit.inputs)},
                {"outputs", describeValues(program, unit.outputs)},
                {"parameters", compiled.footprint.parameters},
                {"macs", compiled.footprint.macs},
                {"parts", std::move(parts)},
                {"layers", std::move(layers)}};
}

Object mlir::lcp::makeReport(const CompiledProgram &compiled,
                             StringRef commandLine) {
  const Program &program = compiled.program;
  Array steps;
  size_t stageNumber = 0;
  for (const auto &step : program.steps) {
    if (auto *merge = std::get_if<MergeStep>(&step)) {
      steps.push_back(
          Object{{"merge", stringifyMergeKind(merge->kind)},
                 {"inputs", describeValues(program, merge->inputs)},
                 {"output", describeValue(program.values[merge->output])}});
      continue;
    }
    const auto &stage = std::get<Stage>(step);
    Array branches;
    for (auto [unit, result] :
         llvm::zip_equal(stage.units, compiled.units[stageNumber]))
      branches.push_back(describeBranch(program, unit, result));
    steps.push_back(Object{{"stage", stageNumber++},
                           {"parallel", stage.parallel},
                           {"branches", std::move(branches)}});
  }
  return Object{{"model", program.name},
                {"command_line", commandLine},
                {"split", program.split},
                {"trained_after_split", program.trainedAfterSplit},
                {"inputs", describeValues(program, program.inputs)},
                {"outputs", describeValues(program, program.outputs)},
                {"steps", std::move(steps)}};
}

static int64_t sumOf(const Array &items, StringRef key) {
  int64_t sum = 0;
  for (const auto &item : items)
    sum += item.getAsObject()->getInteger(key).value_or(0);
  return sum;
}

static void printBranch(const Object &branch, StringRef name,
                        raw_ostream &stream) {
  const Array &parts = *branch.getArray("parts");
  stream << llvm::format(
      "%-8s %-14s %10lld %12lld %12lld %9lld %9lld\n", name.str().c_str(),
      branch.getString("target")->str().c_str(),
      (long long)sumOf(parts, "code_bytes"),
      (long long)sumOf(parts, "weight_bytes"),
      (long long)sumOf(parts, "arena_bytes"),
      (long long)sumOf(*branch.getArray("inputs"), "bytes"),
      (long long)sumOf(*branch.getArray("outputs"), "bytes"));
  for (const auto &layer : *branch.getArray("layers")) {
    StringRef reason = *layer.getAsObject()->getString("reason");
    if (!reason.empty())
      stream << "         " << *layer.getAsObject()->getString("layer")
             << " runs on " << *layer.getAsObject()->getString("target") << ": "
             << reason << '\n';
  }
}

void mlir::lcp::printReport(const Object &report, raw_ostream &stream) {
  int64_t split = *report.getInteger("split");
  stream << "model " << *report.getString("model");
  if (split > 1)
    stream << ", split in " << split
           << (*report.getBoolean("trained_after_split")
                   ? ", trained since"
                   : ", not trained since: its answers mean nothing yet");
  stream << "\n\nbytes:\n"
         << "branch   target               code      weights        arena"
            "        in       out\n";
  for (const auto &step : *report.getArray("steps")) {
    const Object &object = *step.getAsObject();
    if (auto merge = object.getString("merge")) {
      stream << "merge    " << *merge << " to "
             << *object.getObject("output")->getString("name") << '\n';
      continue;
    }
    std::string stage = "s" + std::to_string(*object.getInteger("stage"));
    for (auto [i, branch] : llvm::enumerate(*object.getArray("branches")))
      printBranch(*branch.getAsObject(), stage + ".b" + std::to_string(i),
                  stream);
  }
}
