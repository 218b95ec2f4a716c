//===- Text.cpp - The report as tables ------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Printable.h"
#include "lcp/Report/Report.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;
using llvm::json::Array;
using llvm::json::Object;

/// A name without characters that would break the line or the terminal.
static std::string name(const Object &object, StringRef key = "name") {
  return ::lcp::printable(object.getString(key)->str());
}

static constexpr const char *kRow =
    "{0,-30} {1,-14} {2,12} {3,14} {4,11} {5,10} {6,12} {7,12} {8,10} {9,10}\n";

static void printHeader(raw_ostream &stream) {
  stream << llvm::formatv(kRow, "", "target", "parameters", "MACs",
                          "activations", "code", "weights", "arena", "in",
                          "out");
}

/// The row of a branch or a device; all figures but parameters and MACs are
/// bytes.
static void printFigures(StringRef name, const Object &figures,
                         raw_ostream &stream) {
  auto count = [&](StringRef key) {
    auto number = figures.getInteger(key);
    return number ? std::to_string(*number) : "";
  };
  stream << llvm::formatv(kRow, name, figures.getString("target").value_or(""),
                          count("parameters"), count("macs"),
                          count("activation_bytes"), count("code_bytes"),
                          count("weight_bytes"), count("arena_bytes"),
                          count("bytes_in"), count("bytes_out"));
}

static void printLayers(const Object &branch, raw_ostream &stream) {
  for (const auto &item : *branch.getArray("layers")) {
    const Object &layer = *item.getAsObject();
    stream << llvm::formatv(
        kRow, "  " + name(layer), "", *layer.getInteger("parameters"),
        *layer.getInteger("macs"), *layer.getInteger("activation_bytes"), "",
        "", "", "", *layer.getInteger("bytes_out"));
  }
  for (const auto &item : *branch.getArray("placement")) {
    const Object &note = *item.getAsObject();
    StringRef reason = *note.getString("reason");
    if (!reason.empty())
      stream << "         " << name(note, "layer") << " runs on "
             << *note.getString("target") << ": " << reason << '\n';
  }
}

static void printStage(const Object &stage, raw_ostream &stream) {
  std::string prefix = "s" + std::to_string(*stage.getInteger("stage")) + ".b";
  for (auto [i, item] : llvm::enumerate(*stage.getArray("branches"))) {
    const Object &branch = *item.getAsObject();
    printFigures(prefix + std::to_string(i), branch, stream);
    if (auto first = branch.getInteger("same_as"))
      stream << "  layers as of " << prefix << *first << '\n';
    else
      printLayers(branch, stream);
  }
}

static void printDevices(const Object &report, raw_ostream &stream) {
  SmallVector<const Object *> rows;
  for (const auto &item : *report.getArray("devices"))
    rows.push_back(item.getAsObject());
  if (const Object *one = report.getObject("one_device"))
    rows.push_back(one);
  stream << "\nEach device:\n";
  printHeader(stream);
  for (const Object *row : rows)
    printFigures(name(*row), *row, stream);
  stream
      << "\nModelled by the device files, not measured: ms of computing, ms "
         "on the device's link,\nand whether computing is by a measured or a "
         "published efficiency, or at the peak:\n";
  for (const Object *row : rows) {
    const Object *times = row->getObject("modelled");
    if (!times)
      continue;
    auto print = [&](StringRef key) {
      auto time = times->getNumber(key);
      stream << llvm::formatv(
          "{0,12}", time ? llvm::formatv("{0:f3}", *time).str() : "unknown");
    };
    stream << llvm::formatv("{0,-30} {1,-14}", name(*row),
                            *row->getString("device"));
    print("compute_ms");
    print("link_ms");
    if (auto efficiency = times->getString("efficiency"))
      stream << "  " << *efficiency;
    stream << '\n';
  }
}

/// In which form the input was counted, and what that makes on the
/// coordinator's cable.
static void printTraffic(const Object &report, raw_ostream &stream) {
  const Object *input = report.getObject("input_traffic");
  if (!input)
    return;
  StringRef form = *input->getString("form");
  stream << "\nThe input goes as "
         << (form == "elements" ? "elements of the network"
             : form == "pixels" ? "pixels of 8 bits"
                                : "an image file")
         << ", " << *input->getInteger("bytes") << " bytes to each of "
         << *input->getInteger("receivers") << " that read it";
  if (form == "elements")
    stream << "; with --image, as pixels or as a file";
  if (form == "pixels")
    stream << "; --input-bytes=N counts image files of N bytes";
  const Object &own = *report.getArray("devices")->back().getAsObject();
  stream << ".\nThe coordinator's cable carries "
         << *own.getInteger("wire_bytes_in") + *own.getInteger("wire_bytes_out")
         << " bytes an inference, both ways, with all that TLS, TCP and "
            "Ethernet add.\n";
}

void mlir::lcp::printTextReport(const Object &report, raw_ostream &stream) {
  int64_t split = *report.getInteger("split");
  stream << "model " << name(report, "model");
  if (split > 1)
    stream << ", split in " << split
           << (*report.getBoolean("trained_after_split")
                   ? ", trained since or the original function"
                   : ", not trained since: its answers mean nothing yet");
  if (!report.getString("plan")->empty())
    stream << "\nby the plan (lcp-opt --lcp-split=plan=FILE)\n"
           << *report.getString("plan");
  stream << "\n\nEach branch, and its layers (bytes, but for parameters and "
            "MACs):\n";
  printHeader(stream);
  for (const auto &item : *report.getArray("steps")) {
    const Object &step = *item.getAsObject();
    if (auto merge = step.getString("merge"))
      stream << "merge    " << *merge << " to "
             << name(*step.getObject("output")) << '\n';
    else
      printStage(step, stream);
  }
  printDevices(report, stream);
  printTraffic(report, stream);
}
