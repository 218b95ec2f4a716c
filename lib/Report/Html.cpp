//===- Html.cpp - The report as one page ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file that needs no other and runs no script. All text that a model's
// author chose goes through escape(), and the page's own policy lets a browser
// load nothing.
//
//===----------------------------------------------------------------------===//

#include "Html.h"
#include "HtmlStyle.h"
#include "lcp/Report/Report.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::html;
using llvm::formatv;
using llvm::json::Array;
using llvm::json::Object;

/// The devices that run branches: all but the last.
static ArrayRef<llvm::json::Value> workersOf(const Object &report) {
  const Array &devices = *report.getArray("devices");
  return ArrayRef(devices.data(), devices.size()).drop_back();
}

static void printCell(const Object &object, StringRef key,
                      raw_ostream &stream) {
  auto number = object.getInteger(key);
  stream << "<td>" << (number ? exact(*number) : "") << "</td>";
}

static void printTime(const Object &device, StringRef key,
                      raw_ostream &stream) {
  const Object *times = device.getObject("modelled");
  auto time = times ? times->getNumber(key) : std::nullopt;
  stream << "<td>" << (time ? milliseconds(*time) : "unknown") << "</td>";
}

/// The largest of a figure over the devices that run branches, or over the one
/// that runs the model.
static int64_t busiest(const Object &report, StringRef key) {
  const Array &devices = *report.getArray("devices");
  size_t count = std::max<size_t>(devices.size() - 1, 1);
  int64_t most = 0;
  for (size_t i = 0; i < count; ++i)
    most = std::max(most, *devices[i].getAsObject()->getInteger(key));
  return most;
}

static void printTile(StringRef title, const std::string &figure,
                      const std::string &note, raw_ostream &stream) {
  stream << "<div class=\"tile\"><span class=\"soft\">" << title << "</span><b>"
         << figure << "</b><span class=\"soft\">" << note << "</span></div>\n";
}

static void printTiles(const Object &report, raw_ostream &stream) {
  const Object *one = report.getObject("one_device");
  auto beside = [&](StringRef key, bool bytes) -> std::string {
    if (!one)
      return "for one inference";
    int64_t number = *one->getInteger(key);
    std::string figure = bytes ? roundedBytes(number) : rounded(number);
    // A line does not end between a number and its unit.
    if (size_t space = figure.find(' '); space != std::string::npos)
      figure.replace(space, 1, "&nbsp;");
    return "all branches on one device: " + figure;
  };
  std::string who = one ? ", busiest device" : "";
  stream << "<div class=\"tiles\">\n";
  printTile("Parameters" + who, rounded(busiest(report, "parameters")),
            beside("parameters", false), stream);
  printTile("MACs" + who, rounded(busiest(report, "macs")),
            beside("macs", false), stream);
  printTile("Memory" + who, roundedBytes(busiest(report, "memory_bytes")),
            beside("memory_bytes", true), stream);
  if (one)
    printTile("Over the network, each device",
              roundedBytes(busiest(report, "bytes_in")) + " in",
              roundedBytes(busiest(report, "bytes_out")) + " out, " +
                  std::to_string(*report.getInteger("round_trips")) +
                  (report.getInteger("round_trips") == 1 ? " round trip"
                                                         : " round trips"),
              stream);
  stream << "</div>\n";
}

/// Whether one answer passes the devices in turn.
static bool isPipeline(const Object &report) {
  return llvm::any_of(*report.getArray("steps"), [](const auto &step) {
    return step.getAsObject()->getInteger("first_device").value_or(0) > 0;
  });
}

/// Compute of the slowest device, or of all that work in turn, and what passes
/// the coordinator's link, beside all on one device.
static void printModelled(const Object &report, raw_ostream &stream) {
  const Object *one = report.getObject("one_device");
  auto computeOf = [](const Object &device) {
    const Object *times = device.getObject("modelled");
    return times ? times->getNumber("compute_ms") : std::nullopt;
  };
  auto single = one ? computeOf(*one) : std::nullopt;
  auto link = report.getNumber("one_link_ms");
  if (!single || !link)
    return;
  const bool inTurn = isPipeline(report);
  double compute = 0;
  for (const auto &item : workersOf(report)) {
    auto time = computeOf(*item.getAsObject());
    if (!time)
      return;
    compute = inTurn ? compute + *time : std::max(compute, *time);
  }
  std::string device = escape(*one->getString("device"));
  stream << (inTurn ? "<p>Modelled: the devices compute, in turn, for "
                    : "<p>Modelled: the slowest device computes for ")
         << milliseconds(compute) << " ms at "
         << (inTurn ? "their peak" : "its peak")
         << "; all messages pass the coordinator, over one link like " << device
         << "&apos;s in " << milliseconds(*link) << " ms. All branches on one "
         << device << " compute for " << milliseconds(*single) << " ms.";
  if (compute + *link >= *single)
    stream << " <b>One device would be faster.</b>";
  stream << "</p>\n";
}

static void printDeviceRow(const Object &device, const std::string &name,
                           const char *style, raw_ostream &stream) {
  stream << "<tr" << style << "><td class=\"name\">" << name << "</td>";
  for (StringRef key : {"target", "device"})
    stream << "<td class=\"name\">"
           << escape(device.getString(key).value_or("")) << "</td>";
  for (StringRef key : {"parameters", "macs", "memory_bytes", "weight_bytes",
                        "code_bytes", "arena_bytes", "bytes_in", "bytes_out"})
    printCell(device, key, stream);
  printTime(device, "compute_ms", stream);
  printTime(device, "link_ms", stream);
  stream << "</tr>\n";
}

/// Devices whose figures are all equal share a row.
static void printDevices(const Object &report, raw_ostream &stream) {
  stream << "<h2>Each device, for one inference</h2>\n<div class=\"box\">"
            "<table><tr><th></th><th></th><th></th><th></th><th></th><th></th>"
            "<th class=\"group\" colspan=\"3\">compiled, bytes</th>"
            "<th class=\"group\" colspan=\"2\">network, bytes</th>"
            "<th class=\"group\" colspan=\"2\">modelled, ms</th></tr>\n"
            "<tr><th></th><th class=\"name\">target</th>"
            "<th class=\"name\">device</th><th>parameters</th><th>MACs</th>"
            "<th>memory</th><th>weights</th><th>code</th><th>arena</th>"
            "<th>in</th><th>out</th><th>compute</th><th>link</th></tr>\n";
  const Array &devices = *report.getArray("devices");
  SmallVector<std::pair<Object, SmallVector<size_t>>> rows;
  for (auto [i, item] : llvm::enumerate(workersOf(report))) {
    Object figures = *item.getAsObject();
    figures.erase("name");
    auto same = llvm::find_if(
        rows, [&](const auto &row) { return row.first == figures; });
    if (same == rows.end())
      rows.push_back({std::move(figures), {i}});
    else
      same->second.push_back(i);
  }
  for (const auto &[figures, members] : rows)
    printDeviceRow(figures,
                   (members.size() > 1 ? "devices " : "device ") +
                       ranges(members),
                   "", stream);
  const Object &last = *devices.back().getAsObject();
  printDeviceRow(last, escape(*last.getString("name")), "", stream);
  if (const Object *one = report.getObject("one_device"))
    printDeviceRow(*one, escape(*one->getString("name")), " class=\"beside\"",
                   stream);
  stream << "</table></div>\n<p class=\"soft\">Memory: parameters and "
            "activations of the model as it came. Modelled, not measured: MACs "
            "over the device's peak; bytes over its link's bandwidth and a "
            "wait each way. Unknown: the device's file does not say.</p>\n";
  printModelled(report, stream);
}

static void printElsewhere(const Object &report, raw_ostream &stream) {
  std::string rows;
  llvm::raw_string_ostream out(rows);
  for (const auto &item : *report.getArray("steps")) {
    const Object &step = *item.getAsObject();
    if (!step.getArray("branches"))
      continue;
    for (const BranchKind &kind : kindsOf(step))
      for (const auto &entry : *kind.first->getArray("placement")) {
        const Object &note = *entry.getAsObject();
        if (note.getString("reason")->empty())
          continue;
        out << formatv("<tr><td class=\"name\">s{0}, branch {1}</td>",
                       *step.getInteger("stage"), ranges(kind.members));
        for (StringRef key : {"layer", "target", "reason"})
          out << "<td class=\"name wrap\">" << escape(*note.getString(key))
              << "</td>";
        out << "</tr>\n";
      }
  }
  stream << "<h2>Ops that run elsewhere</h2>\n";
  if (rows.empty()) {
    stream << "<p>None: each runs where its branch runs.</p>\n";
    return;
  }
  stream << "<div class=\"box\"><table><tr><th class=\"name\">branch</th>"
            "<th class=\"name\">op</th><th class=\"name\">runs on</th>"
            "<th class=\"name\">why</th></tr>\n"
         << rows << "</table></div>\n";
}

static void printLayers(const Object &branch, raw_ostream &stream) {
  stream << "<div class=\"box\"><table><tr><th class=\"name\">layer</th>"
            "<th class=\"name\">kind</th><th>weights</th><th>result</th>"
            "<th>parameters</th><th>MACs</th><th>result, bytes</th>"
            "<th>held while it runs, bytes</th><th>sent, bytes</th></tr>\n";
  for (const auto &item : *branch.getArray("layers")) {
    const Object &layer = *item.getAsObject();
    stream << formatv("<tr><td class=\"name wrap\">{0}</td>"
                      "<td class=\"name\">{1}</td><td>{2}</td><td>{3}</td>",
                      escape(*layer.getString("name")), layerKind(layer),
                      dimensions(*layer.getArray("weight_shape")),
                      dimensions(*layer.getArray("result_shape")));
    for (StringRef key : {"parameters", "macs", "output_bytes",
                          "activation_bytes", "bytes_out"})
      printCell(layer, key, stream);
    stream << "</tr>\n";
  }
  stream << "</table></div>\n";
}

static void printBranches(const Object &report, raw_ostream &stream) {
  stream << "<h2>Layers of each branch</h2>\n";
  for (const auto &item : *report.getArray("steps")) {
    const Object &step = *item.getAsObject();
    if (!step.getArray("branches"))
      continue;
    bool parallel = *step.getBoolean("parallel");
    for (const BranchKind &kind : kindsOf(step)) {
      stream << formatv(
          "<details><summary>Stage s{0}, {1}, on {2}: {3} "
          "layer{4}</summary>\n",
          *step.getInteger("stage"),
          !parallel ? std::string("serial")
                    : (kind.members.size() > 1 ? "branches " : "branch ") +
                          ranges(kind.members),
          escape(*kind.first->getString("target")),
          kind.first->getArray("layers")->size(),
          kind.first->getArray("layers")->size() == 1 ? "" : "s");
      printLayers(*kind.first, stream);
      stream << "</details>\n";
    }
  }
}

static void printHeading(const Object &report, raw_ostream &stream) {
  int64_t split = *report.getInteger("split");
  bool trained = *report.getBoolean("trained_after_split");
  const int64_t devices = std::max<size_t>(workersOf(report).size(), 1);
  std::string form =
      devices == split
          ? formatv("In {0} branches, for as many devices", split).str()
          : formatv("Split in {0} branches, here for {1} device{2}", split,
                    devices, devices > 1 ? "s" : "")
                .str();
  stream << "<h1>" << escape(*report.getString("model")) << "</h1>\n";
  if (split == 1 && isPipeline(report))
    stream << "<p class=\"soft\">A pipeline by layers over " << devices
           << " devices: the original function.</p>\n";
  else if (split == 1)
    stream << "<p class=\"soft\">One device runs all of it.</p>\n";
  else if (trained)
    stream << "<p class=\"soft\">" << form
           << ". Its weights belong to this form: trained after the split, or "
              "the original function.</p>\n";
  else
    stream << "<p class=\"warning\">" << form
           << ", and not trained after the split: its answers mean nothing "
              "yet.</p>\n";
}

void mlir::lcp::printHtmlReport(const Object &report, raw_ostream &stream) {
  stream
      << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"
      << escape(*report.getString("model")) << " · LCP</title>\n<style>"
      << kStyle << "</style></head>\n<body><main>\n";
  printHeading(report, stream);
  printTiles(report, stream);
  stream << "<h2>How it runs</h2>\n<div class=\"box picture\">\n";
  drawPicture(report, stream);
  stream << "</div>\n<p class=\"soft\">From top to bottom, one step a row. A "
            "bar is a layer, as wide as the root of its number of channels; "
            "blue lines cross the network.</p>\n";
  printDevices(report, stream);
  printElsewhere(report, stream);
  printBranches(report, stream);
  stream << "<h2>Made by</h2>\n";
  if (StringRef passes = *report.getString("split_passes"); !passes.empty())
    stream << "<code>lcp-opt --pass-pipeline=&quot;builtin.module("
           << escape(passes) << ")&quot;</code>\n";
  stream << "<code>lcp-compile " << escape(*report.getString("command_line"))
         << "</code>\n</main></body></html>\n";
}
