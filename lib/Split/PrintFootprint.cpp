//===- PrintFootprint.cpp - Footprints as a table or JSON -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "lcp/Split/Footprint.h"
#include "lcp/Split/Passes.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_PRINTFOOTPRINTPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

static void printHeader(raw_ostream &os) {
  os << llvm::formatv("{0,-34}{1,12}{2,14}{3,12}{4,11}{5,11}\n", "",
                      "parameters", "MACs", "memory B", "in B", "out B");
}

static void printLine(raw_ostream &os, StringRef name,
                      const DeviceFootprint &footprint) {
  os << llvm::formatv("{0,-34}{1,12}{2,14}{3,12}{4,11}{5,11}\n", name,
                      footprint.parameters, footprint.macs,
                      footprint.memoryBytes(), footprint.bytesIn,
                      footprint.bytesOut);
}

static void print(raw_ostream &os, const NetworkFootprint &footprint) {
  printHeader(os);
  for (const LayerFootprint &layer : footprint.layers) {
    std::string name = "  " + layer.name;
    if (layer.branch >= 0)
      name += llvm::formatv(" s{0}.b{1}", layer.stage, layer.branch);
    os << llvm::formatv("{0,-34}{1,12}{2,14}\n", name, layer.parameters,
                        layer.macs);
  }
  for (size_t i = 0; i < footprint.devices.size(); ++i)
    printLine(os, llvm::formatv("device {0}", i).str(), footprint.devices[i]);
  printLine(os,
            footprint.devices.empty() ? "one device" : "outside the branches",
            footprint.outside);
}

static void print(raw_ostream &os, ArrayRef<ComparisonRow> rows) {
  os << "Per device, for one inference:\n";
  printHeader(os);
  for (const ComparisonRow &row : rows) {
    printLine(os, llvm::formatv("{0} ({1})", row.name, row.devices).str(),
              row.perDevice);
    if (row.coordinator.bytesIn)
      printLine(
          os,
          llvm::formatv("  coordinator, {0} round trips", row.roundTrips).str(),
          row.coordinator);
  }
}

namespace {
struct PrintFootprint : lcp::impl::PrintFootprintPassBase<PrintFootprint> {
  using Base::Base;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    std::string full = options == "json" ? "json=true" : expandFactor(options);
    return Base::initializeOptions(full, errorHandler);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    raw_ostream &os = llvm::outs();
    if (factor == 0) {
      FailureOr<NetworkFootprint> footprint = measureNetwork(getOperation());
      if (failed(footprint))
        return signalPassFailure();
      if (json)
        os << llvm::formatv("{0:2}\n", toJSON(*footprint));
      else
        print(os, *footprint);
      return;
    }
    FailureOr<std::vector<ComparisonRow>> rows =
        compareNetwork(getOperation(), factor, merge, classifier);
    if (failed(rows))
      return signalPassFailure();
    if (!json)
      return print(os, *rows);
    llvm::json::Array array;
    for (const ComparisonRow &row : *rows)
      array.push_back(toJSON(row));
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(array)));
  }
};
} // namespace
